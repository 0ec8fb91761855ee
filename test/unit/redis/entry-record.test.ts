import { SCORE_MAX } from '@photofinish/shared/domain/score';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EntryRecord } from '../../../server/src/flush/dirty-queue.ts';
import { packEntry, unpackEntry } from '../../../server/src/redis/entry-record.ts';
import { entryOfMember, rankMember } from '../../../server/src/redis/rank-member.ts';
import { orderKeys } from '../../contracts/entry-cases.ts';

const ms = fc.integer({ min: 0, max: 2 ** 48 - 1 });
const score = fc.integer({ min: -SCORE_MAX, max: SCORE_MAX });
const mark = fc.option(fc.record({ score, achievedAt: ms }), { nil: undefined });
const id = fc.stringMatching(/^[A-Za-z0-9._~-]{1,64}$/);

const record: fc.Arbitrary<EntryRecord> = fc.record({
  player: id,
  rev: fc.integer({ min: 0, max: SCORE_MAX }),
  score,
  achievedAt: ms,
  confirmed: mark,
  finals: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  matchKey: fc.oneof(
    fc.constant(''),
    id.map((name) => `-PBNM4--${name}`),
  ),
  matchEnded: fc.boolean(),
  provisional: mark,
  seqs: fc
    .array(
      id.map((writer) => `${writer}=${SCORE_MAX};`),
      { maxLength: 64 },
    )
    .map((list) => (list.length > 0 ? `;${list.join('')}` : '')),
});

describe('entry record', () => {
  test('[EN4] what is packed is unpacked the same', () => {
    fc.assert(
      fc.property(record, (entry) => {
        expect(unpackEntry(entry.player, packEntry(entry))).toEqual(entry);
      }),
    );
  });

  test('[EN4] a record of another layout is refused, not guessed', () => {
    fc.assert(
      fc.property(record, fc.integer({ min: 24, max: 255 }), (entry, layout) => {
        const packed = packEntry(entry);
        packed[0] = layout;
        expect(() => unpackEntry(entry.player, packed)).toThrow(/another layout/);
      }),
    );
  });
});

test('[EN2] a member and its ranked score give the entry back, and never hold -0', () => {
  fc.assert(
    fc.property(orderKeys, fc.constantFrom('asc' as const, 'desc' as const), (entries, sortOrder) => {
      for (const entry of entries) {
        const { member, ranked } = rankMember(sortOrder, entry);
        expect(Object.is(ranked, -0)).toBe(false);
        expect(entryOfMember(sortOrder, member, ranked)).toEqual(entry);
      }
    }),
  );
});
