/** Ranks over the wire against the books.
 *
 *  Only done while nothing moves: every tick is answered, so that each score is certain and one order is right. The millisecond of
 *  `achievedAt` is the server's to say, and it must lie between the sending and the ack; the order that follows is ours. */
import { Fault } from '@photofinish/shared/protocol/errors';
import type { RankedEntry } from '@photofinish/shared/protocol/reads';
import type { Reply } from '@photofinish/shared/protocol/replies';
import { inOrder } from '../books/order.ts';
import { pause } from '../clock.ts';
import { insist } from '../insist.ts';
import type { Player } from '../players/player.ts';
import type { Run } from '../run.ts';

const PLAYERS_PER_REQUEST = 500;
const TOP_MAX = 1_000;
const AROUND_CHECKS = 5;
/** Rows asked for on each side of a player. */
const NEIGHBOURS = 3;
const OWN_RANK_CHECKS = 20;
/** Clocks of one machine, read by two processes; and a server whose clock is corrected meanwhile. */
const CLOCK_TOLERANCE_MS = 2_000;
const LIVE_WITHIN_MS = 20_000;
const POLL_MS = 200;

/** @param when names the moment in what is reported, and the matches under way
 *  @returns the entries as the wire told them, by player */
export async function checkRanks(run: Run, when: string): Promise<Map<string, RankedEntry>> {
  const entries = await readEntries(
    run,
    (found) => !run.finals.pending || run.players.every((player) => fits(player, found)),
  );
  const ours = inOrder(run.rules.sort, [...entries.values()]);
  const rankOf = new Map(ours.map(({ player }, i) => [player, i + 1]));
  for (const player of run.players)
    checkPlayer(run, when, player, entries.get(player.id), rankOf.get(player.id));
  await checkTop(run, when, ours);
  await checkNeighbours(run, when, ours);
  return entries;
}

const fits = (player: Player, entries: ReadonlyMap<string, RankedEntry>): boolean =>
  player.account.judge(entries.get(player.id)?.score).kind === 'right';

/** Reads until the answer is live and, after finals that were not live at once, fits; at the deadline takes what there is. */
async function readEntries(
  run: Run,
  enough: (entries: Map<string, RankedEntry>) => boolean,
): Promise<Map<string, RankedEntry>> {
  const deadline = Date.now() + LIVE_WITHIN_MS;
  for (;;) {
    const { entries, steady } = await readOnce(run);
    if ((steady && enough(entries)) || Date.now() > deadline) return entries;
    await pause(POLL_MS);
  }
}

/** `steady`: live, and all parts are of one version. */
async function readOnce(run: Run): Promise<{ entries: Map<string, RankedEntry>; steady: boolean }> {
  const entries = new Map<string, RankedEntry>();
  const versions = new Set<string>();
  for (let i = 0; i < run.players.length; i += PLAYERS_PER_REQUEST) {
    const players = run.players.slice(i, i + PLAYERS_PER_REQUEST).map(({ id }) => id);
    const answer = await insist(run.host, 'rank', { board: run.board.id, season: run.season, players });
    versions.add(`${answer.source} ${answer.epoch} ${answer.version} ${answer.total}`);
    for (const entry of answer.entries) if (entry.rank !== null) entries.set(entry.player, entry);
  }
  const [version = ''] = versions;
  return { entries, steady: versions.size === 1 && version.startsWith('live ') };
}

function checkPlayer(
  run: Run,
  when: string,
  player: Player,
  entry: RankedEntry | undefined,
  ourRank: number | undefined,
): void {
  const { findings } = run;
  const verdict = player.account.judge(entry?.score);
  if (verdict.kind === 'uncertain') findings.uncertain += 1;
  if (verdict.kind === 'wrong') findings.lostTicks(player.id, when, verdict.lostTicks);
  const rightScore = verdict.kind !== 'wrong';
  const rightRank = entry?.rank === ourRank;
  const rightTime = verdict.kind !== 'right' || !entry || isInTime(player, entry.achievedAt);
  findings.rank(rightScore && rightRank && rightTime, () => {
    if (!rightScore)
      return `${when}: ${player.id} has score ${entry?.score ?? 'none'}, should be ${verdict.expected ?? 'none'}`;
    if (!rightRank) return `${when}: ${player.id} has rank ${entry?.rank}, should be ${ourRank}`;
    const { notBefore, notAfter } = player.account.shown ?? { notBefore: 0, notAfter: 0 };
    return `${when}: ${player.id} reached its score at ${entry?.achievedAt}, but was sent at ${Math.floor(notBefore)} and acked at ${Math.ceil(notAfter)}`;
  });
}

function isInTime(player: Player, achievedAt: number): boolean {
  const reached = player.account.shown;
  if (!reached) return true;
  return (
    achievedAt >= reached.notBefore - CLOCK_TOLERANCE_MS &&
    achievedAt <= reached.notAfter + CLOCK_TOLERANCE_MS
  );
}

type Row = Pick<RankedEntry, 'player' | 'score' | 'achievedAt'>;

function checkRows(
  run: Run,
  what: string,
  rows: readonly RankedEntry[],
  ours: readonly Row[],
  first: number,
): void {
  for (const [i, row] of rows.entries()) {
    const our = ours[first - 1 + i];
    run.findings.rank(
      our?.player === row.player && our.score === row.score && row.rank === first + i,
      () =>
        `${what}: place ${first + i} shows ${row.player} with ${row.score} as rank ${row.rank}, should be ${our?.player} with ${our?.score}`,
    );
  }
}

async function checkTop(run: Run, when: string, ours: readonly Row[]): Promise<void> {
  const limit = Math.min(TOP_MAX, run.players.length);
  const top = await insist(run.host, 'top', { board: run.board.id, season: run.season, limit });
  run.findings.rank(
    top.total === ours.length && top.entries.length === Math.min(limit, ours.length),
    () => `${when}: top shows ${top.entries.length} of ${top.total} entries, should be ${ours.length}`,
  );
  checkRows(run, `${when}: top`, top.entries, ours, 1);
}

async function checkNeighbours(run: Run, when: string, ours: readonly Row[]): Promise<void> {
  const drawn = run.chance.fork(when).shuffled(ours.map((_, i) => i));
  for (const index of drawn.slice(0, AROUND_CHECKS)) {
    const player = ours[index]?.player;
    if (player === undefined) continue;
    const { entries } = await insist(run.host, 'around', {
      board: run.board.id,
      season: run.season,
      player,
      above: NEIGHBOURS,
      below: NEIGHBOURS,
    });
    const first = Math.max(0, index - NEIGHBOURS);
    const count = Math.min(ours.length, index + NEIGHBOURS + 1) - first;
    run.findings.rank(
      entries.length === count,
      () => `${when}: around ${player} shows ${entries.length} rows, should be ${count}`,
    );
    checkRows(run, `${when}: around ${player}`, entries, ours, first + 1);
  }
  const byId = new Map(run.players.map((player) => [player.id, player]));
  for (const index of drawn.slice(0, OWN_RANK_CHECKS)) {
    const player = byId.get(ours[index]?.player ?? '');
    if (player) await checkOwnRank(run, when, player, index + 1);
  }
}

/** As the player asks it, with a token of its own. */
async function checkOwnRank(run: Run, when: string, player: Player, ourRank: number): Promise<void> {
  let answer: Reply<'rank'>;
  try {
    answer = await insist(player.client, 'rank', { board: run.board.id, season: run.season });
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    run.findings.rank(false, () => `${when}: ${player.id} asked its own rank and got ${error.code}`);
    return;
  }
  const own = answer.entries[0];
  run.findings.rank(
    own?.player === player.id && own.rank === ourRank,
    () => `${when}: ${player.id} was told rank ${own?.rank} of its own, should be ${ourRank}`,
  );
}
