/** Random standings, and the plain model of how they are ranked, paged and counted: it looks at every entry for each answer, and knows
 *  neither ZSET nor SQL nor `rank.ts`. */
import type { Board } from '@photofinish/shared/domain/board';
import { columnsKeyOf } from '@photofinish/shared/domain/columns';
import { compareEntries, type OrderKey } from '@photofinish/shared/domain/order';
import { RANKINGS } from '@photofinish/shared/domain/rank';
import fc from 'fast-check';
import type { PageOf, PlacedEntry, PlayerPlace } from '../../server/src/board/placed-entry.ts';
import type { EntryRecord } from '../../server/src/flush/dirty-queue.ts';

const COLUMNS = [
  { id: 'laps', sortOrder: 'desc' as const },
  { id: 'coins', sortOrder: 'asc' as const },
];

/** Every ranking in both directions, on boards without columns and with two. */
export const STYLES = RANKINGS.flatMap((ranking) =>
  (['desc', 'asc'] as const).flatMap((sortOrder) =>
    [[], COLUMNS].map((columns) => ({ ranking, sortOrder, columns })),
  ),
);
export type Style = (typeof STYLES)[number];

const T0 = 1_772_323_200_000;

/** Few values, so that groups of equal scores are common, and of equal columns and times within them. */
const score = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: -2, max: 2 }) },
  { weight: 1, arbitrary: fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER) },
);
const column = fc.integer({ min: -1, max: 0 });
const keyOf = ({ columns }: Style): fc.Arbitrary<OrderKey> =>
  fc
    .record({
      player: fc
        .array(fc.constantFrom(...'aAbB-._~0'), { minLength: 1, maxLength: 3 })
        .map((ids) => ids.join('')),
      score,
      laps: column,
      coins: column,
      achievedAt: fc.integer({ min: T0, max: T0 + 2 }),
    })
    .map(({ laps, coins, ...key }) => {
      const columnsKey = columnsKeyOf(columns, { laps, coins });
      return columnsKey === '' ? key : { ...key, columnsKey };
    });

export const keysOf = (style: Style): fc.Arbitrary<OrderKey[]> =>
  fc.uniqueArray(keyOf(style), { selector: (entry) => entry.player, maxLength: 40 });

/** Where a page begins: at an entry that stands somewhere, or stood there. */
export const pageOf = (style: Style): fc.Arbitrary<PageOf> =>
  fc.record({
    limit: fc.integer({ min: 0, max: 12 }),
    from: fc.option(
      fc.record({ side: fc.constantFrom('after' as const, 'before' as const), key: keyOf(style) }),
      { nil: undefined },
    ),
    scoreMin: fc.option(score, { nil: undefined }),
    scoreMax: fc.option(score, { nil: undefined }),
  });

export const recordOf = (entry: OrderKey): EntryRecord => ({
  ...entry,
  ...{ rev: 1, confirmed: undefined, finals: 0, matchKey: '', matchEnded: false },
  ...{
    provisional: { score: entry.score, achievedAt: entry.achievedAt, columnsKey: entry.columnsKey },
    seqs: '',
  },
});

export class PlacedModel {
  readonly #rules: Pick<Board, 'sortOrder' | 'ranking'>;
  readonly #all: readonly OrderKey[];

  constructor(rules: Pick<Board, 'sortOrder' | 'ranking'>, given: readonly OrderKey[]) {
    this.#rules = rules;
    this.#all = [...given].sort((a, b) => compareEntries(rules.sortOrder, a, b));
  }

  get entries(): PlacedEntry[] {
    return this.#all.map((entry) => {
      const { better: _, ...placed } = this.#placed(entry);
      return placed;
    });
  }

  page({ limit, from, scoreMin, scoreMax }: PageOf) {
    const inRange = this.entries.filter(
      (entry) => entry.score >= (scoreMin ?? -Infinity) && entry.score <= (scoreMax ?? Infinity),
    );
    const side = (entry: OrderKey) => (from ? compareEntries(this.#rules.sortOrder, entry, from.key) : 0);
    let entries = inRange.slice(0, limit);
    if (from?.side === 'after') entries = inRange.filter((entry) => side(entry) > 0).slice(0, limit);
    if (from?.side === 'before')
      entries = limit === 0 ? [] : inRange.filter((entry) => side(entry) < 0).slice(-limit);
    const [first] = entries;
    const above = first ? inRange.findIndex((entry) => entry.player === first.player) : 0;
    return { total: this.#all.length, count: inRange.length, above, entries };
  }

  around({ player, above, below }: { player: string; above: number; below: number }) {
    const at = this.#all.findIndex((entry) => entry.player === player);
    const entries = at < 0 ? [] : this.entries.slice(Math.max(0, at - above), at + below + 1);
    return { total: this.#all.length, entries };
  }

  ranks(players: readonly string[]) {
    const entries = players.map((player) => {
      const entry = this.#all.find((known) => known.player === player);
      return entry && this.#placed(entry);
    });
    return { total: this.#all.length, entries };
  }

  #placed(entry: OrderKey): PlayerPlace {
    const { sortOrder, ranking } = this.#rules;
    const place = this.#all.filter((other) => compareEntries(sortOrder, other, entry) <= 0).length;
    // Equal in all but the time and the player: better is who would be above even so.
    const bare = { ...entry, achievedAt: 0, player: '' };
    const better = this.#all.filter(
      (other) => compareEntries(sortOrder, { ...other, achievedAt: 0, player: '' }, bare) < 0,
    );
    const groups = new Set(better.map((other) => `${other.score} ${other.columnsKey}`)).size;
    const rank = { ordinal: place, competition: better.length + 1, dense: groups + 1 }[ranking];
    return { ...entry, place, rank, better: better.length };
  }
}
