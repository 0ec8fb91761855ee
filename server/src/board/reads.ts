/** Ranks and windows. A season that takes scores is read live; a cold one is warmed first. When Redis cannot answer, or the season
 *  is over and no longer in memory, the snapshot answers, and the answer says so. */
import { percentile } from '@photofinish/shared/domain/rank';
import type { SeasonState } from '@photofinish/shared/domain/season';
import { takesFinals } from '@photofinish/shared/domain/season';
import { Fault } from '@photofinish/shared/protocol/errors';
import type {
  EntriesAnswer,
  PageAnswer,
  RangeAnswer,
  RanksAnswer,
  ReadHead,
} from '@photofinish/shared/protocol/reads';
import type { SnapshotStore, Watermark } from '../flush/snapshot-store.ts';
import { type Warmer, whenWarm } from '../flush/warmer.ts';
import type { Log } from '../observe/log.ts';
import type { Season } from './board-store.ts';
import type { Catalogue } from './catalogue.ts';
import { cursorOf, cursorOfOther, cursorText } from './cursor.ts';
import type { Cold, LiveBoard, LiveSeason, Position, ReadResult } from './live-board.ts';
import type { Around, Page } from './placed-entry.ts';
import { rankedEntry, shownEntry } from './ranked-entry.ts';
import type { RankedReads } from './ranked-reads.ts';

export interface WindowAnswer {
  season: string;
  board: string;
  state: SeasonState;
  epoch: number;
  version: number;
  /** Entries that a loss of Redis now could set back. */
  dirty: number;
  /** Age of the oldest of them: the consistency window. 0 when nothing is dirty. */
  oldestDirtyMs: number;
  /** All changes up to it are committed; null before the first flush. */
  watermark: Watermark | null;
}

interface Of {
  board: string;
  season?: string | undefined;
  /** On boards with buckets: one of them, or `all`. */
  bucket?: string | undefined;
}

interface PageRequest extends Of {
  limit: number;
  /** `next` or `previous` of an earlier page. Without `season` it names the season too. */
  cursor?: string | undefined;
}

interface RanksRequest extends Of {
  players: readonly string[];
  /** Whether the reader is told that this player is hidden, and with what score; others see no entry. Left out: of nobody. */
  seesHidden?: (player: string) => boolean;
}

interface Scores {
  scoreMin?: number | undefined;
  scoreMax?: number | undefined;
}

/** Longer, and readers stand still behind a large season; shorter, and each first look at a small one is stale. */
const REBUILD_WAIT_MS = 250;

type Read<T> = Omit<ReadHead, 'total'> & T;
type StoredRead<T> = (from: RankedReads) => Promise<T>;

export class Reads {
  readonly #catalogue: Catalogue;
  readonly #live: LiveBoard;
  readonly #snapshot: SnapshotStore;
  readonly #settled: RankedReads;
  readonly #warmer: Warmer;
  readonly #clock: () => number;
  readonly #log: Log;

  constructor(deps: {
    catalogue: Catalogue;
    live: LiveBoard;
    snapshot: SnapshotStore;
    /** The standings that settlements fixed. */
    settled: RankedReads;
    warmer: Warmer;
    clock: () => number;
    log: Log;
  }) {
    this.#catalogue = deps.catalogue;
    this.#live = deps.live;
    this.#snapshot = deps.snapshot;
    this.#settled = deps.settled;
    this.#warmer = deps.warmer;
    this.#clock = deps.clock;
    this.#log = deps.log;
  }

  /** The first entries, or those from a cursor on. @throws Fault CURSOR_INVALID */
  async top(of: PageRequest): Promise<PageAnswer> {
    const { count: _, ...answer } = await this.#page(of, {});
    return answer;
  }

  /** The entries with a score in the range, in the total order. @throws Fault CURSOR_INVALID */
  async range(of: PageRequest & Scores): Promise<RangeAnswer> {
    return this.#page(of, { scoreMin: of.scoreMin, scoreMax: of.scoreMax });
  }

  /** @throws Fault PLAYER_NOT_FOUND when the player has no entry */
  async around(of: Of & Around): Promise<EntriesAnswer> {
    const { season, live } = await this.#ofPlayer(of);
    const answer = await this.#read(
      season,
      live,
      () => this.#live.around(live, of),
      (from) => from.around(live, of),
    );
    if (answer.entries.length === 0)
      throw new Fault('PLAYER_NOT_FOUND', `player: ${of.player} has no entry in season ${season.id}`, {
        field: 'player',
        fix: 'send a score for the player first',
      });
    return { ...answer, entries: answer.entries.map((entry) => rankedEntry(live.board, entry)) };
  }

  /** In the order asked; rank null where there is no entry. */
  async ranks(of: RanksRequest): Promise<RanksAnswer> {
    const { season, live } = await this.#resolve(of);
    const answer = await this.#read(
      season,
      live,
      () => this.#live.ranks(live, of.players),
      (from) => from.ranks(live, of.players),
    );
    const entries = of.players.map((player, i) => {
      const entry = answer.entries[i];
      if (!entry) return { player, rank: null };
      if (!('hidden' in entry))
        return {
          ...rankedEntry(live.board, entry),
          ...bucketOf(entry),
          percentile: percentile(answer.total, entry.better),
        };
      if (!of.seesHidden?.(player)) return { player, rank: null };
      return { ...shownEntry(live.board, entry), ...bucketOf(entry), rank: null, hidden: true as const };
    });
    return { ...answer, entries };
  }

  async #page(of: PageRequest, scores: Scores): Promise<RangeAnswer> {
    const cursor = of.cursor === undefined ? undefined : cursorOf(of.cursor);
    if (cursor && of.season === undefined) {
      const { board } = await this.#catalogue.season(cursor.season);
      if (board !== of.board) throw cursorOfOther('board', board);
    }
    const { season, live } = await this.#resolve({
      board: of.board,
      season: of.season ?? cursor?.season,
      bucket: of.bucket ?? cursor?.bucket,
    });
    if (cursor && cursor.season !== season.id) throw cursorOfOther('season', cursor.season);
    if (cursor && cursor.bucket !== live.bucket) throw cursorOfOther('bucket', cursor.bucket ?? ALL);
    const page = { limit: of.limit, from: cursor, ...scores };
    const answer = await this.#read(
      season,
      live,
      () => this.#live.page(live, page),
      (from) => from.page(live, page),
    );
    const { above, entries, ...head } = answer;
    return {
      ...head,
      entries: entries.map((entry) => rankedEntry(live.board, entry)),
      ...cursorsOf(live, answer),
    };
  }

  async window(seasonId: string): Promise<WindowAnswer> {
    const season = await this.#catalogue.season(seasonId);
    const live = await this.#catalogue.live(season);
    const [window, watermark] = await Promise.all([
      this.#live.window(live),
      this.#snapshot.watermark(seasonId),
    ]);
    const head = { season: season.id, board: season.board, watermark: watermark ?? null };
    if (window.kind === 'cold') {
      const { epoch, version } = watermark ?? { epoch: season.epoch, version: 0 };
      return { ...head, state: season.state, epoch, version, dirty: 0, oldestDirtyMs: 0 };
    }
    const { epoch, version, dirty, dirtySince } = window;
    const oldestDirtyMs = dirtySince === undefined ? 0 : Math.max(0, this.#clock() - dirtySince);
    return { ...head, state: season.state, epoch, version, dirty, oldestDirtyMs };
  }

  async #resolve(of: Of): Promise<{ season: Season; live: LiveSeason }> {
    const season =
      of.season === undefined
        ? await this.#catalogue.currentSeason(of.board)
        : await this.#catalogue.season(of.season);
    if (season.board !== of.board)
      throw new Fault('SEASON_NOT_FOUND', `season: ${season.id} is not a season of board ${of.board}`, {
        field: 'season',
        fix: 'GET /v1/boards/{board}/seasons lists them',
      });
    const live = await this.#catalogue.live(season);
    return { season, live: { ...live, bucket: namedBucket(live, of.bucket) } };
  }

  /** In the bucket of the player, unless another one or all is asked for. */
  async #ofPlayer(of: Of & { player: string }): Promise<{ season: Season; live: LiveSeason }> {
    const { season, live } = await this.#resolve(of);
    if (!live.board.buckets || of.bucket !== undefined) return { season, live };
    const { entries } = await this.#read(
      season,
      live,
      () => this.#live.ranks(live, [of.player]),
      (from) => from.ranks(live, [of.player]),
    );
    return { season, live: { ...live, bucket: entries[0]?.bucket } };
  }

  /** Waits for a short rebuild; a longer one goes on, and the snapshot answers meanwhile. */
  async #warmedOrCold<T>(live: LiveSeason, fromLive: () => Promise<ReadResult<T>>): Promise<ReadResult<T>> {
    const first = await fromLive();
    if (first.kind !== 'cold') return first;
    const warmed = whenWarm(this.#warmer, live, fromLive);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Cold>((resolve) => {
      timer = setTimeout(() => resolve({ kind: 'cold' }), REBUILD_WAIT_MS);
    });
    try {
      return await Promise.race([warmed, late]);
    } finally {
      clearTimeout(timer);
      // Nobody waits for it any more; the next read asks again.
      warmed.catch((error) => this.#log.debug({ err: error, season: live.id }, 'season not warm yet'));
    }
  }

  async #read<T extends object>(
    season: Season,
    live: LiveSeason,
    fromLive: () => Promise<ReadResult<T>>,
    fromStore: StoredRead<T>,
  ): Promise<Read<T>> {
    // What is frozen stands in Postgres; Redis may still have scores of matches without a final.
    if (season.state === 'closed' && season.frozenAt !== undefined)
      return this.#stored(live, season, () => fromStore(this.#snapshot));
    if (season.state === 'settled') return this.#stored(live, season, () => fromStore(this.#settled));
    try {
      const result = takesFinals(season.state) ? await this.#warmedOrCold(live, fromLive) : await fromLive();
      if (result.kind === 'ok') {
        const { kind: _, ...rest } = result;
        const head = { board: season.board, season: season.id, source: 'live' as const, ...headBucket(live) };
        // What is left of an answer of T without its kind is a T: the compiler cannot subtract from a type that it does not know.
        return { ...head, ...(rest as T & Position), state: season.state };
      }
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      this.#log.warn({ err: error, season: season.id }, 'live read failed; the snapshot answers');
    }
    return this.#stored(live, season, () => fromStore(this.#snapshot));
  }

  async #stored<T extends object>(
    live: LiveSeason,
    season: Season,
    read: () => Promise<T>,
  ): Promise<Read<T>> {
    const [page, watermark] = await Promise.all([read(), this.#snapshot.watermark(season.id)]);
    const { epoch, version } = watermark ?? { epoch: season.epoch, version: 0 };
    return {
      board: season.board,
      season: season.id,
      state: season.state,
      source: season.state === 'settled' ? 'settled' : 'snapshot',
      ...headBucket(live),
      ...(takesFinals(season.state) ? { stale: true as const } : {}),
      epoch,
      version,
      ...page,
    };
  }
}

function cursorsOf(
  { id: season, bucket }: LiveSeason,
  { above, count, entries }: Page,
): { next?: string; previous?: string } {
  const [first, last] = [entries[0], entries.at(-1)];
  if (!first || !last) return {};
  return {
    ...(above + entries.length < count
      ? { next: cursorText({ season, bucket, side: 'after', key: last }) }
      : {}),
    ...(above > 0 ? { previous: cursorText({ season, bucket, side: 'before', key: first }) } : {}),
  };
}

const ALL = 'all';

const headBucket = ({ bucket }: LiveSeason) => (bucket === undefined ? {} : { bucket });

const bucketOf = ({
  bucket,
  bucketRank,
}: {
  bucket?: string | undefined;
  bucketRank?: number | undefined;
}) => ({
  ...(bucket === undefined ? {} : { bucket }),
  ...(bucketRank === undefined ? {} : { bucketRank }),
});

/** @throws Fault INVALID_REQUEST */
function namedBucket({ board }: LiveSeason, named: string | undefined): string | undefined {
  if (named === undefined || (named === ALL && board.buckets)) return undefined;
  if (!board.buckets)
    throw new Fault('INVALID_REQUEST', `bucket: board ${board.id} has no buckets; leave it out`, {
      field: 'bucket',
      limit: 'boards with buckets',
      fix: 'leave bucket out',
    });
  return named;
}
