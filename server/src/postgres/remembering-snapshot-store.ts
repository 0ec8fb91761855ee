/** The snapshot for those who show how far a season is committed: while Postgres does not answer they are told the last watermark that was
 *  read. It stays true: a watermark never moves back. */
import type { Watermark } from '../flush/snapshot-store.ts';
import { PostgresSnapshotStore } from './snapshot-store.ts';

/** A person waits for it. */
const ANSWER_WITHIN_MS = 1_000;
/** Some 100 bytes each. */
const SEASONS_MAX = 10_000;

export class RememberingSnapshotStore extends PostgresSnapshotStore {
  readonly #known = new Map<string, Watermark>();

  /** @throws what reading threw, where nothing is known */
  override async watermark(season: string): Promise<Watermark | undefined> {
    const known = this.#known.get(season);
    const reading = super.watermark(season).then((found) => {
      if (found) this.#remember(season, found);
      return found;
    });
    if (!known) return reading;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Watermark>((resolve) => {
      timer = setTimeout(() => resolve(this.#known.get(season) ?? known), ANSWER_WITHIN_MS);
    });
    try {
      return await Promise.race([reading.catch(() => known), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #remember(season: string, watermark: Watermark): void {
    this.#known.delete(season);
    this.#known.set(season, watermark);
    const [oldest] = this.#known.keys();
    if (this.#known.size > SEASONS_MAX && oldest !== undefined) this.#known.delete(oldest);
  }
}
