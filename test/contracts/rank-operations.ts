/** A thousand random operations on one season: ticks, deltas, finals, hiding and showing. */
import { type Board, boardSchema } from '@photofinish/shared/domain/board';
import { columnsKeyOf } from '@photofinish/shared/domain/columns';
import { RANKINGS } from '@photofinish/shared/domain/rank';
import fc from 'fast-check';
import type { ConfirmedWrite, TickWrite } from '../../server/src/board/live-board.ts';
import { matchKeyOf } from '../../server/src/board/match-key.ts';

export type RankOperation =
  | { kind: 'tick'; tick: TickWrite }
  | { kind: 'final'; write: ConfirmedWrite }
  | { kind: 'hide'; player: string; hidden: boolean };

export const OPERATIONS = 1_000;
const T0 = 1_800_000_000_000;
const COLUMNS = [
  { id: 'laps', sortOrder: 'desc' as const },
  { id: 'faults', sortOrder: 'asc' as const },
];

/** Every operator, direction and ranking: of matches, of matches with columns, and of open boards. */
export const RANKED_BOARDS: readonly Board[] = (['best', 'latest', 'sum'] as const).flatMap((operator) =>
  (['desc', 'asc'] as const).flatMap((sortOrder) =>
    RANKINGS.flatMap((ranking) =>
      [{ kind: 'match' }, { kind: 'match', columns: COLUMNS }, { kind: 'open' }].map((more, i) =>
        boardSchema.parse({
          ...{ id: `ranks-${operator}-${sortOrder}-${ranking}-${i}`, title: 't' },
          ...{ operator, sortOrder, ranking, ...more },
        }),
      ),
    ),
  ),
);

const PLAYERS = Array.from({ length: 30 }, (_, i) => `${'aB-._~0Z'.charAt(i % 8)}${i}`);
const MATCHES = Array.from({ length: 6 }, (_, i) => matchKeyOf({ id: `m${i}`, startedAt: T0 + i }));

/** Few scores, so that most entries have equals. */
const score = fc.integer({ min: -4, max: 4 });

function unit(board: Board) {
  return fc
    .record({ score, laps: fc.integer({ min: 0, max: 1 }), faults: fc.integer({ min: 0, max: 1 }) })
    .map(({ score: value, ...columns }) => ({
      score: value,
      columnsKey: board.columns.length === 0 ? undefined : columnsKeyOf(board.columns, columns),
    }));
}

/** `seq` and `at` grow with the operations, and finals are numbered per player, as writers and the database do it. */
export const operationsOn = (board: Board): fc.Arbitrary<RankOperation[]> =>
  fc
    .array(
      fc.record({
        kind: fc.oneof(
          { weight: 16, arbitrary: fc.constant('tick' as const) },
          { weight: board.kind === 'match' ? 4 : 0, arbitrary: fc.constant('final' as const) },
          { weight: 1, arbitrary: fc.constant('hide' as const) },
        ),
        player: fc.constantFrom(...PLAYERS),
        matchKey: fc.constantFrom(...MATCHES),
        unit: unit(board),
        flag: fc.boolean(),
      }),
      { minLength: OPERATIONS, maxLength: OPERATIONS },
    )
    .map((drawn) => {
      const finals = new Map<string, number>();
      return drawn.map(({ kind, player, matchKey, unit: told, flag }, i): RankOperation => {
        const at = T0 + 100 + Math.floor(i / 3);
        if (kind === 'hide') return { kind, player, hidden: flag };
        if (kind === 'final') {
          const count = (finals.get(player) ?? 0) + 1;
          finals.set(player, count);
          return { kind, write: { player, matchKey, confirmed: { ...told, achievedAt: at }, finals: count } };
        }
        const asDelta = flag && board.operator === 'sum';
        const { score: value, columnsKey } = told;
        const tick: TickWrite = {
          ...{ player, writer: 'w', matchKey: board.kind === 'match' ? matchKey : '', columnsKey },
          ...{ score: asDelta ? undefined : value, delta: asDelta ? value : undefined, seq: i + 1, at },
        };
        return { kind, tick };
      });
    });
