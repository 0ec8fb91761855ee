import { describe, expect, it } from 'vitest';
import type { EntryRecord } from '../../../server/src/flush/dirty-queue.ts';
import { mergeEntry, UNFLUSHED } from '../../../server/src/flush/merge-entry.ts';

const entry = (of: Partial<EntryRecord>): EntryRecord => ({
  ...{ player: 'ada', rev: 0, score: 0, achievedAt: 0, confirmed: undefined, finals: 0 },
  ...{ matchKey: '', matchEnded: false, provisional: undefined, seqs: '' },
  ...of,
});
/** By one tick on an open board. */
const told = (score: number, achievedAt: number, seqs = '') =>
  entry({ score, achievedAt, provisional: { score, achievedAt }, seqs, rev: 40 });
const rules = (kind: 'open' | 'match', operator: 'best' | 'latest' | 'sum') =>
  ({ kind, operator, sortOrder: 'desc' }) as const;

describe('[RB5] an entry of Postgres and of a Redis that went back in time', () => {
  it('is that of Postgres, clean, where Redis has none or the same', () => {
    const stored = { ...told(5, 10), rev: 0 };
    expect(mergeEntry(rules('open', 'best'), stored, undefined)).toEqual(stored);
    expect(mergeEntry(rules('open', 'best'), stored, told(5, 10))).toEqual(stored);
  });

  it('keeps the better score where the best is kept, and the earlier of equals', () => {
    const merge = (a: EntryRecord, b: EntryRecord) => mergeEntry(rules('open', 'best'), a, b);
    expect(merge(told(5, 10), told(9, 5))).toMatchObject({ score: 9, achievedAt: 5, rev: UNFLUSHED });
    expect(merge(told(9, 10), told(5, 20))).toMatchObject({ score: 9, achievedAt: 10, rev: 0 });
    expect(merge(told(9, 10), told(9, 5))).toMatchObject({ achievedAt: 5, rev: UNFLUSHED });
  });

  it('sums of whoever has seen all that the other has, so that redo can add the rest', () => {
    const merge = (a: EntryRecord, b: EntryRecord) => mergeEntry(rules('open', 'sum'), a, b);
    expect(merge(told(5, 10, ';w=5;'), told(7, 9, ';w=7;x=1;'))).toMatchObject({ score: 7, rev: UNFLUSHED });
    expect(merge(told(7, 10, ';w=7;'), told(5, 30, ';w=5;'))).toMatchObject({ score: 7, rev: 0 });
  });

  it('takes the later word where the latest counts', () => {
    const merge = (a: EntryRecord, b: EntryRecord) => mergeEntry(rules('open', 'latest'), a, b);
    expect(merge(told(5, 10), told(2, 20))).toMatchObject({ score: 2, rev: UNFLUSHED });
    expect(merge(told(5, 30), told(2, 20))).toMatchObject({ score: 5, rev: 0 });
  });

  it('takes the confirmed score of more finals, the newer match, and its end from either', () => {
    const stored = entry({
      ...{ score: 30, achievedAt: 3, confirmed: { score: 30, achievedAt: 3 }, finals: 2 },
      ...{ matchKey: 'm1', matchEnded: true },
    });
    const left = entry({
      ...{ score: 14, achievedAt: 4, confirmed: { score: 10, achievedAt: 1 }, finals: 1, rev: 9 },
      ...{ matchKey: 'm1', provisional: { score: 4, achievedAt: 4 } },
    });
    const merge = (b: EntryRecord) => mergeEntry(rules('match', 'sum'), stored, b);
    expect(merge(left)).toMatchObject({
      score: 30,
      finals: 2,
      matchEnded: true,
      provisional: undefined,
      rev: 0,
    });
    expect(merge({ ...left, matchKey: 'm2' })).toMatchObject({
      ...{ score: 34, achievedAt: 4, finals: 2, matchKey: 'm2', matchEnded: false, rev: UNFLUSHED },
    });
  });
});
