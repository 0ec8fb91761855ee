/** One torture: build a world, write and break at the same time, mend it, drain, and hold the acks against both databases. */
import { setTimeout as delay } from 'node:timers/promises';
import postgres from 'postgres';
import { must } from '../support/admin.ts';
import { Books } from './books.ts';
import { Chance } from './chance.ts';
import { compare, type Findings } from './compare.ts';
import { type Tally, torture } from './faults.ts';
import type { Guilt } from './guilty-queue.ts';
import { Line } from './line.ts';
import { buildWorld, type Fsync, type World } from './world.ts';
import { BOARDS, playMatches, type Run, writeTicks } from './writers.ts';

export interface TortureOptions {
  seed: number;
  seconds: number;
  mutant: Guilt | undefined;
}

export interface TortureReport {
  seed: number;
  seconds: number;
  mutant: Guilt | undefined;
  kills: Omit<Tally, 'pauses' | 'cuts'>;
  pauses: number;
  cuts: number;
  acked: { ticks: number; deltas: number; finals: number };
  lost: Findings['lost'];
  doubled: number;
  finalsChanged: number;
  /** What the servers say was lost: acknowledged ticks that they could not bring back, or forgot before they were committed. */
  reportedLoss: number;
  /** Of Redis' append-only file. */
  fsync: Fsync;
  drift: number;
  /** From the last fault until nothing was dirty; null when that did not come. */
  drainedMs: number | null;
  /** Answers that must not come. */
  wrong: number;
  examples: string[];
  /** Answers that asked for a resend, by code. */
  resent: Record<string, number>;
}

const TICK_WRITERS = 6;
const MATCH_WRITERS = 3;
const FLUSH_INTERVAL_MS = 60;
/** After the last fault: for requests under way, then for the drain. */
const SETTLE_MS = 30_000;
const DRAIN_MS = 60_000;

export const isClean = (report: TortureReport): boolean =>
  report.drainedMs !== null &&
  [...Object.values(report.lost), report.doubled, report.finalsChanged, report.drift, report.wrong].every(
    (count) => count === 0,
  ) &&
  report.reportedLoss === report.lost.ticks + report.lost.deltas;

export async function runTorture(options: TortureOptions): Promise<TortureReport> {
  // Every other seed: what each of them may lose differs.
  const fsync = options.seed % 2 === 0 ? 'everysec' : 'always';
  const world = await buildWorld(options.mutant, fsync);
  try {
    await Promise.all(world.seats.map((seat) => seat.up(0)));
    await createBoards(world);
    return await breakAndCompare(world, options);
  } finally {
    await world.remove();
  }
}

/** Any server that is up, as an admin sees it. */
function admin(world: World): { url: string; token: World['token'] } {
  const url = world.seats.map((seat) => seat.url).find((one) => one !== undefined);
  if (url === undefined) throw new Error('no server is up');
  return { url, token: world.token };
}

async function createBoards(world: World): Promise<void> {
  for (const board of Object.values(BOARDS))
    await must(admin(world), 'POST', '/v1/admin/boards', {
      ...board,
      ticks: { maxPerSecond: 10_000 },
      flush: { intervalMs: FLUSH_INTERVAL_MS, batchSize: 50 },
    });
}

async function breakAndCompare(
  world: World,
  { seed, seconds, mutant }: TortureOptions,
): Promise<TortureReport> {
  const chance = new Chance(seed);
  const books = new Books();
  const until = performance.now() + seconds * 1_000;
  let settledBy = until + DRAIN_MS + SETTLE_MS;
  const run: Run = { books, stopsAt: until, endsAt: () => settledBy };
  const token = await world.token('server', 'torture');
  const lines = Array.from(
    { length: 2 * TICK_WRITERS + MATCH_WRITERS },
    (_, i) => new Line(world.seats, token, i),
  );
  const writing = lines.map((line, i) => {
    if (i < MATCH_WRITERS) return playMatches(line, run, chance.fork());
    return writeTicks(i % 2 === 0 ? 'ticks' : 'deltas', line, run, chance.fork());
  });
  // A Redis that comes back is merged with Postgres, which mends what a guilty queue has lost: with a mutant, the queue stands alone.
  const tally = await torture(world, chance.fork(), { until, spareRedis: mutant !== undefined });
  settledBy = performance.now() + SETTLE_MS;
  const mendedAt = performance.now();
  await Promise.all(writing);
  for (const line of lines) line.close();
  const drained = await drain(world, performance.now() + DRAIN_MS);
  const drainedMs = drained ? Math.round(performance.now() - mendedAt) : null;
  const reported = await Promise.all(world.seats.map((seat) => seat.reportedLoss()));
  const reportedLoss = reported.reduce((sum, loss) => sum + loss, 0);
  const { pauses, cuts, ...kills } = tally;
  const findings = await compare(books, world);
  const resent: Record<string, number> = {};
  for (const { again } of lines)
    for (const [code, count] of again) resent[code] = (resent[code] ?? 0) + count;
  return {
    ...{ seed, seconds, mutant, resent, kills, pauses, cuts, acked: books.acked() },
    ...findings,
    ...{ fsync: world.fsync, reportedLoss, drainedMs, wrong: books.wrong.length },
    examples: [...books.wrong.slice(0, 3), ...findings.examples],
  };
}

/** Flushes until nothing is dirty and every final is live. @returns whether that came */
async function drain(world: World, deadline: number): Promise<boolean> {
  while (performance.now() < deadline) {
    try {
      const states = await Promise.all(Object.values(BOARDS).map(({ id }) => isDrained(world, id)));
      if (states.every((state) => state) && (await pendingFinals(world)) === 0) return true;
    } catch {
      // A server that is still finding its databases again.
    }
    await delay(100);
  }
  return false;
}

async function isDrained(world: World, board: string): Promise<boolean> {
  const server = admin(world);
  const { season } = await must(server, 'GET', `/v1/boards/${board}/top?limit=1`);
  await must(server, 'POST', `/v1/admin/seasons/${season}/flush`);
  return (await must(server, 'GET', `/v1/seasons/${season}/window`)).dirty === 0;
}

async function pendingFinals(world: World): Promise<number> {
  const sql = postgres(world.postgres.url, { max: 1, onnotice: () => undefined });
  try {
    const [row] = await sql<{ count: number }[]>`
      select count(*)::int as count from pending_finals`;
    return row?.count ?? 0;
  } finally {
    await sql.end();
  }
}
