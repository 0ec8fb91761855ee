/** Random lives of a season's entries, and the plain model that every implementation of them is held to.
 *
 *  The model is written from shared/domain/entry.ts alone: it knows no ZSET, no script and no batch. */
import type { Board } from '@photofinish/shared/domain/board';
import { boardSchema } from '@photofinish/shared/domain/board';
import { type Column, columnsKeyOf, columnsOf } from '@photofinish/shared/domain/columns';
import { combine, type Mark, provision } from '@photofinish/shared/domain/entry';
import { compareEntries, isBetterUnit } from '@photofinish/shared/domain/order';
import { isScore, SCORE_MAX } from '@photofinish/shared/domain/score';
import fc from 'fast-check';
import type {
  ConfirmedEntry,
  ConfirmedWrite,
  TickOutcome,
  TickWrite,
} from '../../server/src/board/live-board.ts';
import { matchKeyOf } from '../../server/src/board/match-key.ts';
import type { EntryRecord } from '../../server/src/flush/dirty-queue.ts';

export type EntryStep =
  | { kind: 'ticks'; ticks: TickWrite[] }
  | { kind: 'confirm'; writes: ConfirmedWrite[]; now: number };

const T0 = 1_800_000_000_000;
const WRITERS_MAX = 64;
const COLUMNS: Column[] = [
  { id: 'laps', sortOrder: 'desc' },
  { id: 'faults', sortOrder: 'asc' },
];

/** All kinds, operators and sort orders: plain ones, and with columns of both directions and metadata. */
export const BOARDS: readonly Board[] = (['open', 'match'] as const).flatMap((kind) =>
  (['best', 'latest', 'sum'] as const).flatMap((operator) =>
    (['desc', 'asc'] as const).flatMap((sortOrder) =>
      ([undefined, 'best', 'latest'] as const).map((keep) =>
        boardSchema.parse({
          id: `cases-${kind}-${operator}-${sortOrder}${keep ? `-columns-${keep}` : ''}`,
          title: 't',
          kind,
          operator,
          sortOrder,
          ...(keep && { columns: COLUMNS, entryMetadata: { keep } }),
        }),
      ),
    ),
  ),
);

/** Few values, so that ties, repeats and collisions are common; the ends of the range, so that sums overflow. */
const score = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: -3, max: 3 }) },
  { weight: 1, arbitrary: fc.constantFrom(SCORE_MAX, -SCORE_MAX, SCORE_MAX - 1) },
);
/** The last one sorts before the others by locale and after them by bytes: only bytes are right. */
const player = fc.constantFrom('B', 'a', 'b', '-x', '~', '_1');
const time = fc.integer({ min: 0, max: 5 }).map((ms) => T0 + ms);
const MATCHES = [
  { id: 'm2', startedAt: T0 },
  { id: 'M2', startedAt: T0 },
  { id: 'm1', startedAt: T0 + 1 },
  // Stamps that differ in the case of a letter: locales and bytes disagree on which is first.
  { id: 'm0', startedAt: T0 + 64 * 20 },
].map(matchKeyOf);

/** Of a board's columns and metadata; nothing on a board without. */
const extrasOf = (board: Board): fc.Arbitrary<Pick<Mark, 'columnsKey' | 'metadata'>> =>
  board.columns.length === 0
    ? fc.constant({})
    : fc
        .record({
          laps: score,
          faults: fc.integer({ min: 0, max: 2 }),
          metadata: fc.constantFrom(undefined, '{}', '{"é":1}'),
        })
        .map(({ laps, faults, metadata }) => ({
          columnsKey: columnsKeyOf(board.columns, { laps, faults }),
          metadata: board.entryMetadata && metadata,
        }));

const tick = (board: Board): fc.Arbitrary<TickWrite> =>
  fc
    .record({
      player,
      writer: fc.constantFrom('w', 'ww', 'w.1'),
      matchKey: board.kind === 'match' ? fc.constantFrom(...MATCHES) : fc.constant(''),
      told: fc.tuple(score, fc.boolean()),
      seq: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined, freq: 3 }),
      at: time,
      extras: extrasOf(board),
    })
    .map(({ told: [value, isDelta], extras, ...rest }) => {
      const asDelta = isDelta && board.operator === 'sum';
      return { ...rest, ...extras, score: asDelta ? undefined : value, delta: asDelta ? value : undefined };
    });

const confirmed = (board: Board) =>
  fc.record({
    player,
    matchKey: fc.constantFrom(...MATCHES),
    confirmed: fc
      .tuple(fc.record({ score, achievedAt: time }), extrasOf(board))
      .map(([mark, extras]): Mark => ({ ...mark, ...extras })),
    finals: fc.integer({ min: 1, max: 5 }),
  });

export const stepsFor = (board: Board): fc.Arbitrary<EntryStep[]> => {
  const ticks = fc
    .array(tick(board), { minLength: 1, maxLength: 12 })
    .map((list): EntryStep => ({ kind: 'ticks', ticks: list }));
  const confirm = fc
    .record({ writes: fc.array(confirmed(board), { minLength: 1, maxLength: 4 }), now: time })
    .map((step): EntryStep => ({ kind: 'confirm', ...step }));
  const step =
    board.kind === 'match'
      ? fc.oneof({ weight: 3, arbitrary: ticks }, { weight: 1, arbitrary: confirm })
      : ticks;
  return fc.array(step, { minLength: 1, maxLength: 12 });
};

interface ModelEntry {
  rev: number;
  visible: Mark;
  confirmed: Mark | undefined;
  finals: number;
  matchKey: string;
  matchEnded: boolean;
  provisional: Mark | undefined;
  seqs: Map<string, number>;
}

type Applied = Pick<TickOutcome, 'refused' | 'improved' | 'repeat'> & { changed: boolean };

/** What the entries of a season must be after its steps so far. */
export class EntryModel {
  readonly board: Board;
  version = 0;
  readonly #entries = new Map<string, ModelEntry>();

  constructor(board: Board) {
    this.board = board;
  }

  /** In the total order. */
  records(): EntryRecord[] {
    const records = [...this.#entries].map(([name, entry]) => ({
      player: name,
      rev: entry.rev,
      ...entry.visible,
      confirmed: entry.confirmed,
      finals: entry.finals,
      matchKey: entry.matchKey,
      matchEnded: entry.matchEnded,
      provisional: entry.provisional,
      seqs: [...entry.seqs].reduce((text, [writer, seq]) => `${text || ';'}${writer}=${seq};`, ''),
    }));
    return records.sort((a, b) => compareEntries(this.board.sortOrder, a, b));
  }

  rankOf(name: string): number {
    return this.records().findIndex((record) => record.player === name) + 1;
  }

  /** A batch: one version for all that it changes, ranks as they are after it. */
  tick(ticks: readonly TickWrite[]): TickOutcome[] {
    const changed = new Set<string>();
    const before = this.records();
    const outcomes = ticks.map((one) => {
      const previousScore = this.#entries.get(one.player)?.visible.score;
      const { changed: moved, ...outcome } = this.#tickOne(one);
      if (moved) changed.add(one.player);
      return { ...outcome, player: one.player, previousScore, ...this.#shown(one.player) };
    });
    this.#mark(changed);
    return outcomes.map(({ player: name, ...outcome }) => ({ ...outcome, ...this.#ranks(name, before) }));
  }

  #shown(name: string): Pick<TickOutcome, 'score' | 'columns'> {
    const visible = this.#entries.get(name)?.visible;
    const key = visible?.columnsKey;
    return {
      score: visible?.score ?? 0,
      columns: key === undefined ? undefined : columnsOf(this.board.columns, key),
    };
  }

  /** Who did not leave the place is told the present rank twice. */
  #ranks(name: string, before: readonly EntryRecord[]): Pick<TickOutcome, 'rank' | 'previousRank'> {
    const rank = this.rankOf(name);
    const old = before.findIndex((record) => record.player === name);
    const [was, is] = [before[old], this.#entries.get(name)?.visible];
    const stays = was && is && compareEntries(this.board.sortOrder, was, { ...is, player: name }) === 0;
    return { rank, previousRank: stays ? rank : old + 1 };
  }

  #tickOne(one: TickWrite): Applied {
    const none = { refused: undefined, improved: false, repeat: false, changed: false };
    const { board } = this;
    const before = this.#entries.get(one.player);
    const last = before?.seqs.get(one.writer);
    if (one.seq !== undefined && last !== undefined && one.seq <= last) return { ...none, repeat: true };
    const begins = board.kind === 'match' && one.matchKey !== (before?.matchKey ?? '');
    if (begins && before && one.matchKey < before.matchKey) return { ...none, refused: 'MATCH_SUPERSEDED' };
    if (board.kind === 'match' && !begins && before?.matchEnded) return { ...none, refused: 'MATCH_ENDED' };
    const old = begins ? undefined : before?.provisional;
    const provisional = provision(board, old, {
      at: one.at,
      score: one.score,
      delta: one.delta,
      columnsKey: one.columnsKey,
      metadata: one.metadata,
    });
    const overflow = (a: number, b: number) => (isScore(a + b) ? 'COLUMN_OVERFLOW' : 'SCORE_OVERFLOW');
    if (provisional === 'overflow') return { ...none, refused: overflow(old?.score ?? 0, one.delta ?? 0) };
    const visible = combine(board, before?.confirmed, provisional);
    if (visible === 'overflow' || !visible)
      return { ...none, refused: overflow(before?.confirmed?.score ?? 0, provisional.score) };
    const same = old !== undefined && provisional === old;
    if (same && board.kind === 'open' && board.operator === 'best') return none;
    const seqs = this.#seqsAfter(before, one, begins);
    if (!seqs) return { ...none, refused: 'TOO_MANY_WRITERS' };
    if (same && before) {
      before.seqs = seqs;
      return none;
    }
    this.#entries.set(one.player, {
      rev: 0,
      confirmed: undefined,
      finals: 0,
      ...before,
      visible,
      provisional,
      matchKey: board.kind === 'match' ? one.matchKey : '',
      matchEnded: false,
      seqs,
    });
    return {
      ...none,
      improved: !before || isBetterUnit(board.sortOrder, visible, before.visible),
      changed: true,
    };
  }

  #seqsAfter(
    before: ModelEntry | undefined,
    one: TickWrite,
    begins: boolean,
  ): Map<string, number> | undefined {
    const seqs = new Map(before?.seqs);
    if (one.seq === undefined) return seqs;
    if (!seqs.has(one.writer) && seqs.size >= WRITERS_MAX) {
      if (!begins) return undefined;
      seqs.clear();
    }
    return seqs.set(one.writer, one.seq);
  }

  confirm(writes: readonly ConfirmedWrite[]): ConfirmedEntry[] {
    const changed = new Set<string>();
    const before = this.records();
    const outcomes = writes.map((write) => {
      const old = this.#entries.get(write.player)?.visible;
      if (this.#confirmOne(write)) changed.add(write.player);
      const now = this.#entries.get(write.player)?.visible;
      const improved = now !== undefined && (!old || isBetterUnit(this.board.sortOrder, now, old));
      return { player: write.player, improved, previousScore: old?.score, ...this.#shown(write.player) };
    });
    this.#mark(changed);
    return outcomes.map(({ player: name, ...outcome }) => ({ ...outcome, ...this.#ranks(name, before) }));
  }

  #confirmOne(write: ConfirmedWrite): boolean {
    const before = this.#entries.get(write.player);
    const entry: ModelEntry = before ?? {
      rev: 0,
      visible: write.confirmed,
      confirmed: undefined,
      finals: 0,
      matchKey: '',
      matchEnded: false,
      provisional: undefined,
      seqs: new Map(),
    };
    const newer = write.finals > entry.finals;
    if (newer) Object.assign(entry, { finals: write.finals, confirmed: write.confirmed });
    const ends = entry.matchKey < write.matchKey || (entry.matchKey === write.matchKey && !entry.matchEnded);
    if (ends) Object.assign(entry, { matchKey: write.matchKey, matchEnded: true, provisional: undefined });
    if (!newer && !ends) return false;
    const visible = combine(this.board, entry.confirmed, entry.provisional);
    if (visible === 'overflow') Object.assign(entry, { provisional: undefined, visible: entry.confirmed });
    else if (visible) entry.visible = visible;
    this.#entries.set(write.player, entry);
    return true;
  }

  #mark(players: ReadonlySet<string>): void {
    if (players.size === 0) return;
    this.version += 1;
    for (const name of players) {
      const entry = this.#entries.get(name);
      if (entry) entry.rev = this.version;
    }
  }
}

/** Entries with many ties, for order tests: `compareEntries` sorts them, and so must Redis and SQL.
 *  No two share a player. */
export const orderKeys = fc.uniqueArray(
  fc.record({
    player: fc.oneof(
      fc.stringMatching(/^[A-Za-z0-9._~-]{1,6}$/),
      fc.stringMatching(/^[A-Za-z0-9._~-]{60,64}$/),
    ),
    score: fc.oneof(score, fc.integer({ min: -SCORE_MAX, max: SCORE_MAX })),
    achievedAt: fc.oneof(time, fc.integer({ min: 0, max: 2 ** 48 - 1 })),
  }),
  { selector: (entry) => entry.player, maxLength: 40 },
);
