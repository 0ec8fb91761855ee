import { boardSchema } from '@photofinish/shared/domain/board';
import { Fault } from '@photofinish/shared/protocol/errors';
import { describe, expect, it } from 'vitest';
import type { Season } from '../../../server/src/board/board-store.ts';
import type { Catalogue } from '../../../server/src/board/catalogue.ts';
import type { LiveBoard } from '../../../server/src/board/live-board.ts';
import { Reads } from '../../../server/src/board/reads.ts';
import type { SnapshotStore } from '../../../server/src/flush/snapshot-store.ts';
import type { Warmer } from '../../../server/src/flush/warmer.ts';

const board = boardSchema.parse({ id: 'b', title: 'B' });
const season = { id: 's', board: 'b', state: 'open', epoch: 3 } as Season;
const live = { id: 's', board };
const ada = { rank: 1, player: 'ada', score: 5, achievedAt: 1 };
const placed = { place: 1, ...ada };
const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Reads of one season whose first read is `top`, and whose rebuild is `warm`. */
function readsOf(of: { page: LiveBoard['page']; warm: () => Promise<void> }): Reads {
  const catalogue: Pick<Catalogue, 'currentSeason' | 'live'> = {
    currentSeason: async () => season,
    live: async () => live,
  };
  const snapshot: Pick<SnapshotStore, 'page' | 'watermark'> = {
    page: async () => ({ total: 1, count: 1, above: 0, entries: [{ ...placed, score: 4 }] }),
    watermark: async () => ({ epoch: 2, version: 9, at: 1 }),
  };
  return new Reads({
    catalogue: catalogue as Catalogue,
    live: { page: of.page } as unknown as LiveBoard,
    snapshot: snapshot as unknown as SnapshotStore,
    settled: snapshot as unknown as SnapshotStore,
    warmer: { warm: of.warm } as unknown as Warmer,
    clock: () => 0,
    log,
  });
}
const warmAnswer = {
  ...({ kind: 'ok', state: 'open', epoch: 3, version: 1, total: 1, count: 1, above: 0 } as const),
  entries: [placed],
};

describe('[RD2] a read of a season that is being rebuilt', () => {
  it('waits for a short rebuild', async () => {
    let built = false;
    const reads = readsOf({
      page: async () => (built ? warmAnswer : { kind: 'cold' }),
      warm: async () => {
        built = true;
      },
    });
    const answer = await reads.top({ board: 'b', limit: 1 });
    expect(answer).toMatchObject({ source: 'live', epoch: 3, entries: [ada] });
    expect(answer.stale).toBeUndefined();
  });

  it('is answered by the snapshot, as stale, while a longer one goes on', async () => {
    const reads = readsOf({ page: async () => ({ kind: 'cold' }), warm: () => new Promise(() => {}) });
    const answer = await reads.top({ board: 'b', limit: 1 });
    expect(answer).toMatchObject({ source: 'snapshot', stale: true, epoch: 2, version: 9 });
    expect(answer.entries).toEqual([{ ...ada, score: 4 }]);
  });

  it('is answered so too while Redis cannot answer', async () => {
    const reads = readsOf({
      page: () => Promise.reject(new Fault('UNAVAILABLE', 'no Redis')),
      warm: () => Promise.reject(new Fault('UNAVAILABLE', 'no Redis')),
    });
    expect(await reads.top({ board: 'b', limit: 1 })).toMatchObject({ source: 'snapshot', stale: true });
  });
});
