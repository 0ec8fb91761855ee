import { describe, expect, it } from 'vitest';
import type { EntryRecord } from '../../../server/src/flush/dirty-queue.ts';
import { writeOrPark } from '../../../server/src/flush/poison.ts';
import { RowsRefused, type SnapshotChunk } from '../../../server/src/flush/snapshot-store.ts';

const record = (player: string): EntryRecord => ({
  ...{ player, rev: 1, score: 1, achievedAt: 1, confirmed: undefined, finals: 0 },
  ...{ matchKey: '', matchEnded: false, provisional: undefined, seqs: '' },
});

function setUp(players: number, poison: readonly string[]) {
  const chunk: SnapshotChunk = {
    ...{ season: 's1', epoch: 1 },
    records: Array.from({ length: players }, (_, i) => record(`p${i}`)),
    watermark: { epoch: 1, version: 9, at: 1 },
  };
  const steps: string[] = [];
  const written = new Set<string>();
  const parked: string[] = [];
  let calls = 0;
  const deps = {
    store: {
      write: async (part: SnapshotChunk) => {
        calls++;
        if (part.records.some(({ player }) => poison.includes(player)))
          throw new RowsRefused('refused', '23514');
        for (const { player } of part.records) written.add(player);
        if (part.watermark) steps.push(`watermark after ${written.size + parked.length}`);
        return { kind: 'ok' as const, written: part.records.length, refused: 0 };
      },
    },
    parking: {
      park: async (row: { record: EntryRecord }) => {
        parked.push(row.record.player);
        return { kind: 'ok' as const };
      },
    },
  };
  return { chunk, deps, steps, written, parked, calls: () => calls };
}

describe('a chunk with poison rows', () => {
  it('[FP2] is halved until each is alone; the watermark comes after all the rest', async () => {
    const { chunk, deps, steps, written, parked, calls } = setUp(1_000, ['p0', 'p500', 'p999']);
    expect(await writeOrPark(deps, chunk)).toMatchObject({ kind: 'ok', parked: ['p0', 'p500', 'p999'] });
    expect(parked).toHaveLength(3);
    expect(written.size).toBe(997);
    expect(steps).toEqual(['watermark after 1000']);
    expect(calls()).toBeLessThan(3 * 2 * 11);
  });

  it('[FP2] of one row only has it parked, then the watermark', async () => {
    const { chunk, deps, steps, parked } = setUp(1, ['p0']);
    expect(await writeOrPark(deps, chunk)).toMatchObject({ kind: 'ok', parked: ['p0'], batches: 1 });
    expect([parked, steps]).toEqual([['p0'], ['watermark after 1']]);
  });

  it('[FP2] any other error fails the pass and parks nothing, as does a watermark that is refused', async () => {
    const { chunk, deps, parked } = setUp(10, []);
    const broken = { ...deps, store: { write: () => Promise.reject(new Error('connection lost')) } };
    await expect(writeOrPark(broken, chunk)).rejects.toThrow('connection lost');
    const refusing = {
      ...deps,
      store: { write: () => Promise.reject(new RowsRefused('bad mark', '23514')) },
    };
    await expect(writeOrPark(refusing, { ...chunk, records: [] })).rejects.toThrow('bad mark');
    expect(parked).toEqual([]);
  });
});
