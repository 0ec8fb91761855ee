/** One flush: claim, write, commit, ack, in this order and no other.
 *
 *  Invariant: an entry leaves the claim only by ack, and ack follows commit. So a crash
 *    before the claim          costs nothing
 *    between claim and commit  leaves the claim, and the next flusher takes it over
 *    between commit and ack    writes the same rows once more, which `(epoch, rev)` refuses
 *  The next page is read while the last one is being written. */
import type { LiveSeason, Position } from '../board/live-board.ts';
import type { ClaimPage, ClaimResult, DirtyQueue } from './dirty-queue.ts';
import type { SnapshotStore, Watermark } from './snapshot-store.ts';

export interface FlushPass {
  /** idle: nothing was dirty. fenced: the season began a newer epoch, so nothing more of this life may be written. */
  kind: 'flushed' | 'idle' | 'cold' | 'fenced';
  /** Rows that were sent, and the part of them that Postgres already had newer. */
  rows: number;
  refused: number;
  /** Transactions. */
  batches: number;
  watermark: Watermark | undefined;
  /** All changes up to it are committed when the pass is flushed or idle; undefined when cold. */
  at: Position | undefined;
}

interface Deps {
  queue: Pick<DirtyQueue, 'claim' | 'page' | 'ack'>;
  store: Pick<SnapshotStore, 'write'>;
  clock: () => number;
}

export async function flushPass(deps: Deps, season: LiveSeason): Promise<FlushPass> {
  const claim = await deps.queue.claim(season);
  const counts = { rows: 0, refused: 0, batches: 0 };
  const at = claim.kind === 'ok' ? { epoch: claim.epoch, version: claim.version } : undefined;
  const pass: FlushPass = { kind: 'flushed', ...counts, watermark: undefined, at };
  if (claim.kind === 'cold') return { ...pass, kind: 'cold' };
  if (claim.players === 0) return { ...pass, kind: 'idle' };
  const size = season.board.flush.batchSize;
  let next: Promise<ClaimPage> | undefined = deps.queue.page(season, '0', size);
  while (next) {
    const page: ClaimPage = await next;
    const last = page.cursor === '0';
    next = last ? undefined : deps.queue.page(season, page.cursor, size);
    // A page that fails while the write fails too must not end the process as an unhandled rejection.
    next?.catch(() => undefined);
    if (!(await writePage(deps, season, { claim, page, last, pass }))) return { ...pass, kind: 'fenced' };
  }
  return pass;
}

async function writePage(
  deps: Deps,
  season: LiveSeason,
  step: { claim: Extract<ClaimResult, { kind: 'ok' }>; page: ClaimPage; last: boolean; pass: FlushPass },
): Promise<boolean> {
  const { claim, page, last, pass } = step;
  const watermark = last ? { epoch: claim.epoch, version: claim.version, at: deps.clock() } : undefined;
  if (page.records.length > 0 || last) {
    const written = await deps.store.write({
      season: season.id,
      epoch: claim.epoch,
      records: page.records,
      watermark,
    });
    if (written.kind === 'fenced') return false;
    pass.rows += page.records.length;
    pass.refused += written.refused;
    pass.batches += 1;
  }
  await deps.queue.ack(
    season,
    claim.claim,
    page.records.map((record) => record.player),
    last,
  );
  pass.watermark = watermark;
  return true;
}
