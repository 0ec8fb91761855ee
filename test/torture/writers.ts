/** Writers as a studio has them, each with players of its own. They move from player to player in short bursts and seldom come back:
 *  a lost mark is healed by the player's next tick, so that a player who ticks for ever would hide every loss. */
import { nanoid } from 'nanoid';
import type { Account, Books } from './books.ts';
import type { Chance } from './chance.ts';
import type { Line } from './line.ts';

export const BOARDS = {
  ticks: { id: 'latest', title: 'Absolute ticks', kind: 'open', operator: 'latest' },
  deltas: { id: 'sum', title: 'Deltas', kind: 'open', operator: 'sum' },
  finals: { id: 'matches', title: 'Matches', kind: 'match', operator: 'sum' },
} as const;

export interface Run {
  books: Books;
  /** No new request after it; one that is under way is sent again until `endsAt`. */
  stopsAt: number;
  endsAt: () => number;
}

const BURST_MAX = 6;
const COMES_BACK = 0.1;
const MATCH_PLAYERS_MAX = 4;

const goesOn = ({ stopsAt }: Run): boolean => performance.now() < stopsAt;

export async function writeTicks(
  kind: 'ticks' | 'deltas',
  line: Line,
  run: Run,
  chance: Chance,
): Promise<void> {
  const accounts = run.books[kind];
  const mine: Account[] = [];
  while (goesOn(run)) {
    const known = mine[chance.between(0, mine.length - 1)];
    const account = known && chance.unit() < COMES_BACK ? known : newAccount();
    if (account !== known) {
      mine.push(account);
      accounts.push(account);
    }
    for (let left = chance.between(1, BURST_MAX); left > 0 && goesOn(run); left--) {
      if (!(await sendOne(kind, line, run, { account, value: chance.between(1, 1_000) }))) return;
    }
  }
}

const newAccount = (): Account => ({
  player: nanoid(10),
  sent: { seq: 0, value: 0 },
  acked: { seq: 0, value: 0 },
});

/** @returns false when it was not answered before the end: the account stays as it is, with one request open */
async function sendOne(
  kind: 'ticks' | 'deltas',
  line: Line,
  run: Run,
  { account, value }: { account: Account; value: number },
): Promise<boolean> {
  const seq = account.sent.seq + 1;
  const tick = { type: 'tick', board: BOARDS[kind].id, player: account.player, seq };
  account.sent = { seq, value: kind === 'deltas' ? account.sent.value + value : value };
  const request = kind === 'deltas' ? { ...tick, delta: value } : { ...tick, score: value };
  const reply = await line.ask(request, run.endsAt());
  if (!reply) return false;
  if (reply.type === 'ok') account.acked = account.sent;
  else run.books.wrong.push(`${JSON.stringify(request)} -> ${JSON.stringify(reply)}`);
  return reply.type === 'ok';
}

/** Plays matches: ticks, then the finals one by one or with the end of the match. */
export async function playMatches(line: Line, run: Run, chance: Chance): Promise<void> {
  const pool = Array.from({ length: 40 }, () => nanoid(10));
  let seq = 0;
  while (goesOn(run)) {
    const started = await line.ask({ type: 'match.start', board: BOARDS.finals.id }, run.endsAt());
    if (!started) return;
    if (started.type !== 'ok') {
      run.books.wrong.push(`match.start -> ${JSON.stringify(started)}`);
      return;
    }
    const match = String(started.match);
    const players = chance.shuffled(pool).slice(0, chance.between(1, MATCH_PLAYERS_MAX));
    for (const player of players) {
      const tick = { type: 'tick', match, player, score: chance.between(1, 500), seq: ++seq };
      await line.ask(tick, run.endsAt());
    }
    const finals = players.map((player) => ({ player, score: chance.between(1, 1_000) }));
    if (!(await finish(line, run, { match, finals, together: chance.unit() < 0.5 }))) return;
  }
}

async function finish(
  line: Line,
  run: Run,
  {
    match,
    finals,
    together,
  }: { match: string; finals: { player: string; score: number }[]; together: boolean },
): Promise<boolean> {
  const requests = together
    ? [{ records: finals, request: { type: 'match.end', match, finals } }]
    : finals.map((final) => ({ records: [final], request: { type: 'final', match, ...final } }));
  for (const { records, request } of requests) {
    const entries = records.map((record) => ({ match, ...record, acked: false }));
    run.books.finals.push(...entries);
    const reply = await line.ask(request, run.endsAt());
    if (!reply) return false;
    if (reply.type !== 'ok') run.books.wrong.push(`${JSON.stringify(request)} -> ${JSON.stringify(reply)}`);
    else for (const entry of entries) entry.acked = true;
  }
  return true;
}
