/** Holds what was acknowledged against what Redis and Postgres hold after a drain. Reads both directly: a server that lies to its
 *  readers is found too. */
import { Redis } from 'ioredis';
import postgres from 'postgres';
import { unpackEntry } from '../../server/src/redis/entry-record.ts';
import { seasonKeys } from '../../server/src/redis/keys.ts';
import type { Account, Books } from './books.ts';
import type { World } from './world.ts';
import { BOARDS } from './writers.ts';

export interface Findings {
  /** Accounts, or finals, that show less than what was acknowledged. */
  lost: { ticks: number; deltas: number; finals: number };
  /** Accounts that show more than was ever sent. */
  doubled: number;
  finalsChanged: number;
  /** Entries that differ between Redis and Postgres. */
  drift: number;
  /** The first of each, for a person. */
  examples: string[];
}

interface Held {
  score: number;
  confirmed: number | null;
}

type Side = Map<string, Held>;

const EXAMPLES_MAX = 10;

export async function compare(books: Books, world: World): Promise<Findings> {
  const found: Findings = {
    lost: { ticks: 0, deltas: 0, finals: 0 },
    ...{ doubled: 0, finalsChanged: 0, drift: 0, examples: [] },
  };
  const sql = postgres(world.postgres.url, { max: 1, onnotice: () => undefined });
  const redis = new Redis(world.redis.url);
  try {
    for (const kind of ['ticks', 'deltas', 'finals'] as const) {
      const live = await liveSide(sql, redis, BOARDS[kind].id);
      const stored = await storedSide(sql, BOARDS[kind].id);
      compareSides(live, stored, found);
      for (const [name, side] of Object.entries({ Redis: live, Postgres: stored })) {
        if (kind === 'finals') continue;
        for (const account of books[kind]) judge(kind, account, { name, side, found });
      }
      if (kind === 'finals') await judgeFinals(books, { sql, live, stored, found });
    }
  } finally {
    redis.disconnect();
    await sql.end();
  }
  return found;
}

function note(found: Findings, text: string): void {
  if (found.examples.length < EXAMPLES_MAX) found.examples.push(text);
}

async function liveSide(sql: postgres.Sql, redis: Redis, board: string): Promise<Side> {
  const [season] = await sql<{ id: string }[]>`select id from seasons where board = ${board}`;
  const keys = seasonKeys({ id: season?.id ?? '', board: { id: board } } as Parameters<typeof seasonKeys>[0]);
  const packed = await redis.hgetallBuffer(keys.entries);
  return new Map(
    Object.entries(packed).map(([player, record]) => {
      const { score, confirmed } = unpackEntry(player, record);
      return [player, { score, confirmed: confirmed?.score ?? null }];
    }),
  );
}

async function storedSide(sql: postgres.Sql, board: string): Promise<Side> {
  const rows = await sql<{ player: string; score: string; confirmed: string | null }[]>`
    select e.player, e.score, e.confirmed from snapshot_entries e join seasons s on s.id = e.season
    where s.board = ${board}`;
  return new Map(
    rows.map(({ player, score, confirmed }) => [
      player,
      { score: Number(score), confirmed: confirmed === null ? null : Number(confirmed) },
    ]),
  );
}

function compareSides(live: Side, stored: Side, found: Findings): void {
  for (const player of new Set([...live.keys(), ...stored.keys()])) {
    const [a, b] = [live.get(player), stored.get(player)];
    if (a && b && a.score === b.score && a.confirmed === b.confirmed) continue;
    found.drift++;
    note(found, `${player}: Redis has ${JSON.stringify(a)}, Postgres ${JSON.stringify(b)}`);
  }
}

/** An account may show what was acknowledged, or that with the one request that never got an answer. */
function judge(
  kind: 'ticks' | 'deltas',
  { player, sent, acked }: Account,
  { name, side, found }: { name: string; side: Side; found: Findings },
): void {
  const score = side.get(player)?.score;
  if (score === acked.value || score === sent.value || (score === undefined && acked.seq === 0)) return;
  if (kind === 'deltas' && score !== undefined && score > sent.value) found.doubled++;
  else found.lost[kind]++;
  note(found, `${kind} ${player}: ${name} has ${score}, acknowledged is ${acked.value} (seq ${acked.seq})`);
}

async function judgeFinals(
  books: Books,
  { sql, live, stored, found }: { sql: postgres.Sql; live: Side; stored: Side; found: Findings },
): Promise<void> {
  const rows = await sql<{ match: string; player: string; score: string }[]>`
    select match, player, score from final_scores`;
  const scores = new Map(rows.map((row) => [`${row.match} ${row.player}`, Number(row.score)]));
  const sums = new Map<string, number>();
  for (const { player, score } of rows) sums.set(player, (sums.get(player) ?? 0) + Number(score));
  for (const { match, player, score, acked } of books.finals) {
    const has = scores.get(`${match} ${player}`);
    if (has === score || (has === undefined && !acked)) continue;
    if (has === undefined) found.lost.finals++;
    else found.finalsChanged++;
    note(found, `final of ${player} in ${match}: Postgres has ${has}, acknowledged is ${score}`);
  }
  for (const [name, side] of Object.entries({ Redis: live, Postgres: stored }))
    for (const [player, sum] of sums) {
      const confirmed = side.get(player)?.confirmed ?? 0;
      if (confirmed === sum) continue;
      if (confirmed > sum) found.doubled++;
      else found.lost.finals++;
      note(found, `finals of ${player}: ${name} confirms ${confirmed}, the finals are ${sum}`);
    }
}
