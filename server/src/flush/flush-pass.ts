/** One flush: claim, write, commit, ack, in this order and no other.
 *
 *  Invariant: an entry leaves the claim only by ack, and ack follows commit. So a crash
 *    before the claim          costs nothing
 *    between claim and commit  leaves the claim, and the next flusher takes it over
 *    between commit and ack    writes the same rows once more, which `(epoch, rev)` refuses
 *  The next page is read while the last one is being written, and two are written at a time: while Postgres works on one, the other is
 *  put together here (`flush.rows`). A page that names an entry of the other one waits for it, and `(epoch, rev)` decides; both go in
 *  key order, so that they never wait for each other. The watermark is with the last page, which is written alone. */
import type { LiveSeason, Position } from '../board/live-board.ts';
import type { ClaimPage, ClaimResult, DirtyQueue } from './dirty-queue.ts';
import type { FlushFailureStore } from './flush-failure-store.ts';
import type { Pace } from './pace.ts';
import { writeOrPark } from './poison.ts';
import type { SnapshotStore, Watermark } from './snapshot-store.ts';

export interface FlushPass {
  /** idle: nothing was dirty. fenced: the season began a newer epoch, so nothing more of this life may be written. */
  kind: 'flushed' | 'idle' | 'cold' | 'fenced';
  /** Rows that were sent, and the part of them that Postgres already had newer. */
  rows: number;
  refused: number;
  /** Players whose rows were refused for what they hold, and parked. */
  parked: string[];
  /** Transactions. */
  batches: number;
  watermark: Watermark | undefined;
  /** All changes up to it are committed when the pass is flushed or idle; undefined when cold. */
  at: Position | undefined;
}

interface Deps {
  queue: Pick<DirtyQueue, 'claim' | 'page' | 'ack'>;
  store: Pick<SnapshotStore, 'write'>;
  /** Where poison rows go; without it one fails the pass. */
  parking?: Pick<FlushFailureStore, 'park'> | undefined;
  clock: () => number;
  /** Without it the flush goes as fast as it can. */
  pace?: Pace | undefined;
}

export async function flushPass(deps: Deps, season: LiveSeason): Promise<FlushPass> {
  const claim = await deps.queue.claim(season);
  const counts = { rows: 0, refused: 0, batches: 0, parked: [] };
  const at = claim.kind === 'ok' ? { epoch: claim.epoch, version: claim.version } : undefined;
  const pass: FlushPass = { kind: 'flushed', ...counts, watermark: undefined, at };
  if (claim.kind === 'cold') return { ...pass, kind: 'cold' };
  if (claim.players === 0) return { ...pass, kind: 'idle' };
  const writes = new Set<Promise<boolean>>();
  try {
    return (await writeClaim(deps, season, { claim, pass, writes })) ? pass : { ...pass, kind: 'fenced' };
  } finally {
    // What is still under way must not run beside the next pass.
    await Promise.allSettled(writes);
  }
}

/** More gains nothing: Postgres has two cores at work by then, and each holds a page in memory. */
const WRITES_MAX = 2;

interface Step {
  claim: Extract<ClaimResult, { kind: 'ok' }>;
  pass: FlushPass;
}

/** @returns false when the season has begun a newer epoch */
async function writeClaim(
  deps: Deps,
  season: LiveSeason,
  { claim, pass, writes }: Step & { writes: Set<Promise<boolean>> },
): Promise<boolean> {
  const { batchSize } = season.board.flush;
  const { queue, pace } = deps;
  const read = (cursor: string) => queue.page(season, cursor, pace?.rows(batchSize) ?? batchSize);
  const isPaced = () => pace !== undefined && !pace.isHurried;
  let sent = 0;
  let next: Promise<ClaimPage> | undefined = read('0');
  while (next) {
    const page: ClaimPage = await next;
    const last = page.cursor === '0';
    sent += page.records.length;
    // A page that waits for its time is read when it has come: what is written is then as new as it can be.
    next = last || isPaced() ? undefined : read(page.cursor);
    // A page that fails while a write fails too must not end the process as an unhandled rejection.
    next?.catch(() => undefined);
    if (!(await roomFor(writes, last ? 1 : WRITES_MAX))) return false;
    const write = writePage(deps, season, { claim, page, last, pass });
    write.catch(() => undefined);
    writes.add(write);
    if (last || next) continue;
    if (!(await roomFor(writes, 1))) return false;
    await pace?.until(sent / claim.players);
    next = read(page.cursor);
  }
  return roomFor(writes, 1);
}

/** Waits until fewer than `max` writes are under way, the oldest first. @returns false when one of them was fenced. @throws what one threw */
async function roomFor(writes: Set<Promise<boolean>>, max: number): Promise<boolean> {
  for (const write of writes) {
    if (writes.size < max) break;
    if (!(await write)) return false;
    writes.delete(write);
  }
  return true;
}

async function writePage(
  deps: Deps,
  season: LiveSeason,
  step: Step & { page: ClaimPage; last: boolean },
): Promise<boolean> {
  const { claim, page, last, pass } = step;
  const watermark = last ? { epoch: claim.epoch, version: claim.version, at: deps.clock() } : undefined;
  if (page.records.length > 0 || last) {
    const written = await writeOrPark(deps, {
      season: season.id,
      epoch: claim.epoch,
      records: page.records,
      watermark,
    });
    if (written.kind === 'fenced') return false;
    pass.rows += page.records.length;
    pass.refused += written.refused;
    pass.parked.push(...written.parked);
    pass.batches += written.batches;
  }
  await deps.queue.ack(
    season,
    claim.claim,
    page.records.map((record) => record.player),
    last,
  );
  if (last) pass.watermark = watermark;
  return true;
}
