/** What an entry's score is made of.
 *
 *  `confirmed` comes from finals (Postgres has it), `provisional` from ticks of the match being played, or, on
 *  an open board, from ticks alone. The visible score combines the two by the board's operator. Redis
 *  scripts follow the same table (entry.lua, tick.lua, confirm.lua); a contract test holds both to it.
 *
 *  A run's score and columns are one unit: taken together, compared together, never one of one run with the other of another. */
import { addColumns } from './columns.ts';
import { isBetterUnit, isSameUnit, type SortOrder, type Unit } from './order.ts';
import { isScore } from './score.ts';

export type Operator = 'best' | 'latest' | 'sum';

/** A unit and when it was reached, in milliseconds. */
export interface Mark extends Unit {
  achievedAt: number;
  /** JSON text, on boards that keep metadata, where the run brought some. */
  metadata?: string | undefined;
}

export interface EntryRules {
  operator: Operator;
  sortOrder: SortOrder;
  entryMetadata?: { keep: 'latest' | 'best' } | undefined;
}

/** best: the better of the two, the earlier one when equal.
 *  latest: the newer one, the provisional one when both are of the same millisecond.
 *  sum: both together, column by column, reached when the later of the two was reached.
 *  @returns undefined when there is neither; 'overflow' when a sum is not a safe integer */
export function combine(
  rules: EntryRules,
  confirmed: Mark | undefined,
  provisional: Mark | undefined,
): Mark | undefined | 'overflow' {
  if (!provisional) return confirmed;
  if (!confirmed) return provisional;
  const shown = combined(rules, confirmed, provisional);
  if (shown === 'overflow' || !keepsLatest(rules)) return shown;
  return withMetadata(shown, provisional.metadata ?? confirmed.metadata);
}

function combined(rules: EntryRules, confirmed: Mark, provisional: Mark): Mark | 'overflow' {
  if (rules.operator === 'latest')
    return provisional.achievedAt >= confirmed.achievedAt ? provisional : confirmed;
  if (rules.operator === 'sum') {
    const sum = sumOf(confirmed, provisional);
    if (sum === 'overflow') return sum;
    return { ...sum, achievedAt: Math.max(confirmed.achievedAt, provisional.achievedAt) };
  }
  if (isSameUnit(confirmed, provisional))
    return confirmed.achievedAt <= provisional.achievedAt ? confirmed : provisional;
  return isBetterUnit(rules.sortOrder, provisional, confirmed) ? provisional : confirmed;
}

/** Metadata is of the run whose score is shown, or the newest that was sent. What is not kept as the best is made of many runs, or of
 *  the newest one anyway. */
const keepsLatest = ({ operator, entryMetadata }: EntryRules): boolean =>
  operator !== 'best' || entryMetadata?.keep === 'latest';

const withMetadata = (mark: Mark, metadata: string | undefined): Mark =>
  mark.metadata === metadata ? mark : { ...mark, metadata };

function sumOf(a: Unit, b: Unit): Unit | 'overflow' {
  const score = a.score + b.score;
  const columnsKey = addColumns(a.columnsKey ?? '', b.columnsKey ?? '');
  if (!isScore(score) || columnsKey === 'overflow') return 'overflow';
  return { score, columnsKey: columnsKey === '' ? undefined : columnsKey };
}

/** The confirmed mark after one more final. `finalAt` is when the final was accepted.
 *  A final that leaves the unit as it was leaves `achievedAt` too. */
export function confirm(rules: EntryRules, before: Mark | undefined, final: Mark): Mark | 'overflow' {
  if (!before) return final;
  const after = confirmed(rules, before, final);
  if (after === 'overflow' || !keepsLatest(rules)) return after;
  return withMetadata(after, final.metadata ?? before.metadata);
}

function confirmed(rules: EntryRules, before: Mark, final: Mark): Mark | 'overflow' {
  if (rules.operator === 'sum') {
    const sum = sumOf(before, final);
    if (sum === 'overflow') return sum;
    return isSameUnit(sum, before) ? before : { ...sum, achievedAt: final.achievedAt };
  }
  if (rules.operator === 'latest') return isSameUnit(final, before) ? before : final;
  return isBetterUnit(rules.sortOrder, final, before) ? final : before;
}

/** The provisional mark after a tick that says `score` (absolute) or `delta` (sum only), with its columns the same way.
 *  Match boards: the match's score as last told. Open boards: the operator applied to all ticks so far. */
export function provision(
  rules: EntryRules & { kind: 'open' | 'match' },
  before: Mark | undefined,
  tick: {
    score?: number | undefined;
    delta?: number | undefined;
    columnsKey?: string | undefined;
    metadata?: string | undefined;
    at: number;
  },
): Mark | 'overflow' {
  const { score = 0, delta, columnsKey } = tick;
  const told =
    delta === undefined ? { score, columnsKey } : sumOf(before ?? { score: 0 }, { score: delta, columnsKey });
  if (told === 'overflow' || !isScore(told.score)) return 'overflow';
  const stays =
    before !== undefined &&
    (isSameUnit(told, before) ||
      (rules.kind === 'open' && rules.operator === 'best' && !isBetterUnit(rules.sortOrder, told, before)));
  const after: Mark = stays ? before : { ...told, achievedAt: tick.at, metadata: tick.metadata };
  // The ticks of one match are one run.
  if (!before || (rules.kind === 'open' && !keepsLatest(rules))) return after;
  return withMetadata(after, tick.metadata ?? before.metadata);
}
