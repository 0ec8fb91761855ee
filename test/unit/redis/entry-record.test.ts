import { type Column, columnsKeyOf } from '@photofinish/shared/domain/columns';
import { SCORE_MAX } from '@photofinish/shared/domain/score';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EntryRecord } from '../../../server/src/flush/dirty-queue.ts';
import { packEntry, unpackEntry } from '../../../server/src/redis/entry-record.ts';
import { entryOfMember, rankMember } from '../../../server/src/redis/rank-member.ts';
import { orderKeys } from '../../contracts/entry-cases.ts';

const columns: Column[] = [{ id: 'laps', sortOrder: 'desc' }];
const ms = fc.integer({ min: 0, max: 2 ** 48 - 1 });
const score = fc.integer({ min: -SCORE_MAX, max: SCORE_MAX });
const metadata = fc.option(
  fc.oneof(
    fc.constant('{"car":"é😀"}'),
    fc.string({ maxLength: 2_000 }).map((text) => JSON.stringify({ text })),
  ),
  { nil: undefined },
);
const columnsKey = fc.stringMatching(/^[0-9A-Za-z_-]{9}$/);
const id = fc.stringMatching(/^[A-Za-z0-9._~-]{1,64}$/);

const markWith = (hasColumns: boolean) =>
  fc.record({
    score,
    achievedAt: ms,
    columnsKey: hasColumns ? columnsKey : fc.constant(undefined),
    metadata,
  });

/** An entry shows one of its marks, or what they add up to, and the metadata of either or none. */
const marks = fc
  .boolean()
  .chain((hasColumns) =>
    fc.record({
      shown: markWith(hasColumns),
      confirmed: fc.option(markWith(hasColumns), { nil: undefined }),
      provisional: fc.option(markWith(hasColumns), { nil: undefined }),
      shows: fc.constantFrom('shown', 'confirmed', 'provisional'),
      told: fc.constantFrom('confirmed', 'provisional', 'none'),
      finals: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
    }),
  )
  .map(({ shown, confirmed, provisional, shows, told, finals }) => {
    const unit = (shows === 'shown' ? shown : shows === 'confirmed' ? confirmed : provisional) ?? shown;
    const of = told === 'none' ? undefined : told === 'confirmed' ? confirmed : provisional;
    return {
      ...{ score: unit.score, achievedAt: unit.achievedAt, columnsKey: unit.columnsKey },
      ...{ metadata: of?.metadata, confirmed, provisional, finals: confirmed ? finals : 0 },
    };
  });

const rest = fc.record({
  player: id,
  rev: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
  bucket: fc.option(id, { nil: undefined }),
  hidden: fc.constantFrom(undefined, true as const),
  matchKey: fc.oneof(
    fc.constant(''),
    id.map((name) => `-PBNM4--${name}`),
  ),
  matchEnded: fc.boolean(),
  seqs: fc
    .array(
      id.map((writer) => `${writer}=${SCORE_MAX};`),
      { maxLength: 64 },
    )
    .map((list) => (list.length > 0 ? `;${list.join('')}` : '')),
});
const record: fc.Arbitrary<EntryRecord> = fc
  .tuple(rest, marks)
  .map(([other, ofMarks]) => ({ ...other, ...ofMarks }));

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
      fc.property(
        record,
        fc.oneof(fc.integer({ min: 0, max: 63 }), fc.integer({ min: 128, max: 255 })),
        (entry, layout) => {
          const packed = packEntry(entry);
          packed[0] = layout;
          expect(() => unpackEntry(entry.player, packed)).toThrow(/another layout/);
        },
      ),
    );
  });
});

/** Bytes of a record decide how many entries fit into a Redis. */
test('[EN4] an entry without columns, metadata and bucket takes 24 bytes, and those of its match and seqs', () => {
  const provisional = { score: 1_250, achievedAt: 1_800_000_000_000 };
  const plain: EntryRecord = {
    ...{ player: 'ann', rev: 7, ...provisional, provisional, confirmed: undefined, finals: 0 },
    ...{ matchKey: '', matchEnded: false, seqs: '' },
  };
  expect(packEntry(plain)).toHaveLength(24);
  expect(packEntry({ ...plain, matchKey: '-PBNM4--m', seqs: ';w=12;' })).toHaveLength(24 + 1 + 9 + 6);
});

test('[EN2] a member and its ranked score give the entry back, and never hold -0', () => {
  fc.assert(
    fc.property(orderKeys, fc.constantFrom('asc' as const, 'desc' as const), (entries, sortOrder) => {
      for (const entry of entries) {
        const { member, ranked } = rankMember(sortOrder, entry);
        expect(Object.is(ranked, -0)).toBe(false);
        expect(entryOfMember({ sortOrder, columns: [] }, member, ranked)).toEqual(entry);
        const columnsKey = columnsKeyOf(columns, { laps: entry.score });
        const longer = rankMember(sortOrder, { ...entry, columnsKey });
        expect(entryOfMember({ sortOrder, columns }, longer.member, longer.ranked)).toEqual({
          ...entry,
          columnsKey,
        });
      }
    }),
  );
});
