import { boardSchema } from '@photofinish/shared/domain/board';
import { describe, expect, test } from 'vitest';
import { mergedEntry } from '../../../server/src/postgres/merged-entry.ts';
import type { StoredEntry } from '../../../server/src/postgres/queries/load-entries.ts';

const board = (operator: 'best' | 'latest' | 'sum') => boardSchema.parse({ id: 'b', title: 'B', operator });
type Stored = Required<{ [K in keyof StoredEntry]: NonNullable<StoredEntry[K]> }>;
const row = (
  snapshot: Partial<Stored['snapshot']>,
  standing: Partial<Stored['standing']> = {},
): StoredEntry => ({
  player: 'p',
  snapshot: {
    ...{ player: 'p', score: 30, achievedAt: 9, confirmed: 10, confirmedAt: 5, finals: 1 },
    ...{ provisional: 20, provisionalAt: 9, matchKey: 'k2', matchEnded: false, seqs: ';w=3;' },
    ...{ columnsKey: '', confirmedColumnsKey: '', provisionalColumnsKey: '' },
    ...{ metadata: null, confirmedMetadata: null, provisionalMetadata: null, bucket: null },
    ...snapshot,
  },
  standing: {
    ...{
      player: 'p',
      score: 10,
      achievedAt: 5,
      finals: 1,
      matchKey: 'k1',
      columnsKey: '',
      metadata: null,
      bucket: null,
    },
    ...standing,
  },
});

describe('an entry merged from the snapshot and the finals', () => {
  test('[SN7] stays as it is when the finals say nothing new, with rev 0', () => {
    const { record, changed } = mergedEntry(board('sum'), row({}));
    expect(changed).toBe(false);
    expect(record).toMatchObject({
      rev: 0,
      score: 30,
      achievedAt: 9,
      finals: 1,
      matchEnded: false,
      seqs: ';w=3;',
    });
  });

  test('[SN7] a newer final of an earlier match changes what is confirmed, and the match being played goes on', () => {
    const { record, changed } = mergedEntry(board('sum'), row({}, { score: 17, achievedAt: 8, finals: 2 }));
    expect(changed).toBe(true);
    expect(record).toMatchObject({
      score: 37,
      achievedAt: 9,
      finals: 2,
      provisional: { score: 20 },
      matchKey: 'k2',
    });
  });

  test('[SN7] a final of the match being played, or of a newer one, ends it: its ticks are not counted twice', () => {
    for (const key of ['k2', 'k3']) {
      const finals = { score: 31, achievedAt: 11, finals: 2, matchKey: key };
      const { record } = mergedEntry(board('sum'), row({}, finals));
      expect(record).toMatchObject({
        score: 31,
        achievedAt: 11,
        provisional: undefined,
        matchEnded: true,
        matchKey: key,
      });
    }
  });

  test('[SN7] a confirmed score that is older than the snapshot is not taken', () => {
    const { record } = mergedEntry(
      board('best'),
      row({ finals: 3, confirmed: 25, confirmedAt: 6, score: 25, achievedAt: 6 }),
    );
    expect(record).toMatchObject({ finals: 3, confirmed: { score: 25, achievedAt: 6 }, score: 25 });
  });

  test('[SN7] a sum that leaves the range drops the ticks and keeps the finals', () => {
    const finals = { score: Number.MAX_SAFE_INTEGER, achievedAt: 8, finals: 2 };
    const { record } = mergedEntry(board('sum'), row({}, finals));
    expect(record).toMatchObject({ score: Number.MAX_SAFE_INTEGER, achievedAt: 8, provisional: undefined });
  });
});
