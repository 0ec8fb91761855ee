/** Writes a chunk although single rows of it are poison: rows that Postgres refuses for what they hold, and would refuse for ever.
 *
 *  A refused chunk is halved until the poison row is alone. That row is parked, in a transaction of its own, and counts as written:
 *  its acknowledged change is in Postgres. Everything else of the chunk is written. Only data errors (SQLSTATE 22, 23) come here:
 *  halving for the sake of a lost connection would park rows that nothing is wrong with.
 *  The watermark goes alone, after all halves: it must name nothing that is neither written nor parked.
 *  A crash in between leaves the claim, and the next pass finds the same rows; `(epoch, rev)` makes the repeat harmless. */
import type { FlushFailureStore } from './flush-failure-store.ts';
import { RowsRefused, type SnapshotChunk, type SnapshotStore } from './snapshot-store.ts';

export type ChunkWritten =
  | { kind: 'ok'; refused: number; parked: string[]; batches: number }
  | { kind: 'fenced'; epoch: number };

interface Deps {
  store: Pick<SnapshotStore, 'write'>;
  /** Without it a poison row fails the pass. */
  parking?: Pick<FlushFailureStore, 'park'> | undefined;
}

export async function writeOrPark({ store, parking }: Deps, chunk: SnapshotChunk): Promise<ChunkWritten> {
  const done = { kind: 'ok' as const, refused: 0, parked: [] as string[], batches: 0 };
  // A stack of parts: depth grows with the logarithm of the chunk.
  const parts: SnapshotChunk[] = [chunk];
  for (let part = parts.pop(); part; part = parts.pop()) {
    try {
      const result = await store.write(part);
      if (result.kind === 'fenced') return result;
      done.refused += result.refused;
      done.batches += 1;
    } catch (error) {
      if (!(error instanceof RowsRefused) || !parking || part.records.length === 0) throw error;
      const [first, ...others] = part.records;
      if (first && others.length === 0 && !part.watermark) {
        const parked = await parking.park({
          season: part.season,
          epoch: part.epoch,
          record: first,
          reason: error.message,
          sqlState: error.sqlState,
        });
        if (parked.kind === 'fenced') return parked;
        done.parked.push(first.player);
      } else parts.push(...halves(part));
    }
  }
  return done;
}

/** Last first, as they are taken from a stack. */
function halves(chunk: SnapshotChunk): SnapshotChunk[] {
  const middle = Math.ceil(chunk.records.length / 2);
  const bare = { ...chunk, watermark: undefined };
  const parts = [
    { ...bare, records: chunk.records.slice(0, middle) },
    { ...bare, records: chunk.records.slice(middle) },
    ...(chunk.watermark ? [{ ...chunk, records: [] }] : []),
  ];
  return parts.filter((part) => part.records.length > 0 || part.watermark).reverse();
}
