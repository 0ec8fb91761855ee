/** Boards, seasons and matches, cached.
 *
 *  The hot path asks `target` for every tick and must not wait: what it needs is a Map lookup away. What the cache may get wrong
 *  is harmless, because the scripts check the season's state and Postgres checks it again for finals. */

import type { Board } from '@photofinish/shared/domain/board';
import { mayMove, takesFinals, takesTicks } from '@photofinish/shared/domain/season';
import { Fault } from '@photofinish/shared/protocol/errors';
import type { Log } from '../observe/log.ts';
import type { BoardStore, Match, Season, StoredBoard } from './board-store.ts';
import { boardNotFound, matchNotFound, seasonNotFound, seasonNotOpen } from './faults.ts';
import type { LiveSeason } from './live-board.ts';
import type { MatchDoor } from './match-doors.ts';
import { matchKeyOf } from './match-key.ts';
import { abandonedMessage } from './match-limits.ts';
import { newId } from './new-id.ts';

/** Where a tick goes. */
export interface TickTarget {
  season: LiveSeason;
  /** '' on open boards. */
  matchKey: string;
  /** Of matches with limits or a roster. */
  door?: MatchDoor | undefined;
}

interface KnownMatch {
  match: Match;
  target: TickTarget;
  readAt: number;
}

/** About 300 bytes each. Fewer, and a busy server asks Postgres about the same matches again and again. */
const MATCHES_MAX = 100_000;
/** A match ended through another server is noticed this late; its finals have ended it in Redis before. */
const MATCH_FRESH_MS = 10_000;
/** Look-ups of unknown ids that may wait for Postgres at once: a flood of made-up ids must not starve the pool. */
const LOOKUPS_MAX = 64;

/** The rules that a season follows: its board's, but for the ranking, which no longer changes once the season has ended. */
const rulesOf = (season: Season | undefined, board: Board): Board =>
  season?.ranking === undefined ? board : { ...board, ranking: season.ranking };

export class Catalogue {
  readonly #store: BoardStore;
  readonly #leftovers: () => Promise<readonly string[]>;
  readonly #clock: () => number;
  readonly #log: Log;
  readonly #refreshMs: number;
  readonly #onOpened: (season: LiveSeason) => void;
  readonly #boards = new Map<string, StoredBoard>();
  readonly #doorOf: (match: Match) => MatchDoor | undefined;
  readonly #boundaryClock: () => number;
  readonly #rollOver: (board: string) => Promise<void>;
  /** Seasons that are open, closing or lately closed, by id. */
  readonly #seasons = new Map<string, Season>();
  readonly #live = new Map<string, LiveSeason>();
  readonly #openTargets = new Map<string, TickTarget>();
  readonly #matches = new Map<string, KnownMatch>();
  /** Look-ups under way: everybody who plays a match that another server started asks for it at once. */
  readonly #finding = new Map<string, Promise<KnownMatch>>();
  #lookups = 0;
  #refreshing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: {
    store: BoardStore;
    /** Seasons to look after whatever their state: those that are still in memory. */
    leftovers?: () => Promise<readonly string[]>;
    clock: () => number;
    log: Log;
    refreshMs: number;
    /** Who may tick in a match; without it anybody. */
    doorOf?: (match: Match) => MatchDoor | undefined;
    /** Told of every season that this server opens. */
    onOpened: (season: LiveSeason) => void;
    /** The clock that boundaries of seasons are told by. */
    boundaryClock?: () => number;
    /** Asked for the next season when the planned end of the open one has come. */
    rollOver?: (board: string) => Promise<void>;
  }) {
    this.#store = deps.store;
    this.#leftovers = deps.leftovers ?? (async () => []);
    this.#onOpened = deps.onOpened;
    this.#doorOf = deps.doorOf ?? (() => undefined);
    this.#clock = deps.clock;
    this.#boundaryClock = deps.boundaryClock ?? deps.clock;
    this.#rollOver = deps.rollOver ?? (async () => undefined);
    this.#log = deps.log;
    this.#refreshMs = deps.refreshMs;
  }

  async start(): Promise<void> {
    await this.refresh();
    this.#timer = setInterval(() => {
      this.refresh().catch((error) => this.#log.warn({ err: error }, 'catalogue refresh failed'));
    }, this.#refreshMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Reads boards and live seasons again; calls that overlap share one read. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#read().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #read(): Promise<void> {
    const leftovers = await this.#leftovers();
    const [boards, seasons] = await Promise.all([
      this.#store.listBoards(),
      this.#store.listLiveSeasons(leftovers),
    ]);
    for (const board of boards) this.takeBoard(board);
    const listed = new Set(seasons.map((season) => season.id));
    for (const id of this.#seasons.keys()) if (!listed.has(id)) this.#forget(id);
    for (const season of seasons) this.note(season);
  }

  /** Takes in what a caller has just learnt about a season. A state never moves back. */
  note(season: Season): void {
    const before = this.#seasons.get(season.id);
    if (before && mayMove(season.state, before.state)) return;
    this.#seasons.set(season.id, season);
    const live = this.#live.get(season.id);
    if (live) live.board = rulesOf(season, live.board);
    const target = this.#openTargets.get(season.board);
    if (takesTicks(season.state)) {
      if (target?.season.id !== season.id) this.#openTargets.delete(season.board);
    } else if (target?.season.id === season.id) this.#openTargets.delete(season.board);
  }

  #forget(id: string): void {
    const season = this.#seasons.get(id);
    this.#seasons.delete(id);
    this.#live.delete(id);
    if (season && this.#openTargets.get(season.board)?.season.id === id)
      this.#openTargets.delete(season.board);
  }

  /** Takes in what a caller has just learnt about a board. Live seasons are the keys of maps and are held by batches under way, so they
   *  stay the same objects and get the new rules. */
  takeBoard(stored: StoredBoard): void {
    const before = this.#boards.get(stored.id);
    if (before && before.version >= stored.version) return;
    this.#boards.set(stored.id, stored);
    for (const live of this.#live.values())
      if (live.board.id === stored.id) live.board = rulesOf(this.#seasons.get(live.id), stored.board);
  }

  async board(id: string): Promise<Board> {
    return (await this.storedBoard(id)).board;
  }

  async storedBoard(id: string): Promise<StoredBoard> {
    const known = this.#boards.get(id);
    if (known) return known;
    const found = await this.#lookUp(() => this.#store.findBoard(id));
    if (!found) throw boardNotFound(id);
    this.takeBoard(found);
    return found;
  }

  /** By id, archived ones too. */
  async storedBoards(): Promise<StoredBoard[]> {
    await this.refresh();
    return [...this.#boards.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** @throws Fault SEASON_ALREADY_OPEN, BOARD_NOT_FOUND, BOARD_ARCHIVED */
  async openSeason(boardId: string, by: string, endsAt?: number): Promise<Season> {
    await this.board(boardId);
    const season = await this.#store.openSeason({
      id: newId(),
      board: boardId,
      at: this.#clock(),
      endsAt,
      by,
    });
    await this.opened(season);
    return season;
  }

  /** This server has opened the season. */
  async opened(season: Season): Promise<void> {
    this.note(season);
    this.#onOpened(await this.live(season));
  }

  /** Before anything that goes to the open season of the board: when its planned end has come, the next one opens first. */
  async atBoundary(boardId: string): Promise<void> {
    const open = this.#openSeason(boardId);
    if (open && this.#isOver(open)) await this.#rollOver(boardId);
  }

  #isOver(season: Season): boolean {
    return season.endsAt !== undefined && takesTicks(season.state) && this.#boundaryClock() >= season.endsAt;
  }

  async season(id: string): Promise<Season> {
    const known = this.#seasons.get(id);
    if (known) return known;
    const found = await this.#lookUp(() => this.#store.findSeason(id));
    if (!found) throw seasonNotFound(id);
    return found;
  }

  /** Newest first. `next` is there when there are more: the number to go on before. */
  async seasonsOf(
    board: string,
    of: { before?: number | undefined; limit: number },
  ): Promise<{ seasons: Season[]; next?: number }> {
    await this.board(board);
    const found = await this.#store.listSeasons(board, of.limit + 1, of.before);
    const seasons = found.slice(0, of.limit);
    const last = seasons.at(-1);
    return found.length > of.limit && last ? { seasons, next: last.number } : { seasons };
  }

  /** The open season, else the newest one. @throws Fault BOARD_NOT_FOUND, SEASON_NOT_OPEN (no season yet) */
  async currentSeason(boardId: string): Promise<Season> {
    const open = this.#openSeason(boardId);
    if (open) return open;
    const board = await this.board(boardId);
    const seasons = await this.#store.listSeasons(board.id, 2);
    const newest = seasons.find(({ state }) => state !== 'upcoming') ?? seasons[0];
    if (!newest) throw seasonNotOpen(board.id);
    if (takesFinals(newest.state)) this.note(newest);
    return newest;
  }

  /** Seasons that a flusher and a keeper must look after. */
  liveSeasons(): Season[] {
    return [...this.#seasons.values()];
  }

  /** One object per season, so that maps may be keyed by it. */
  async live(season: Season): Promise<LiveSeason> {
    const known = this.#live.get(season.id);
    if (known) return known;
    const board = rulesOf(season, await this.board(season.board));
    const live = { id: season.id, board };
    if (this.#seasons.has(season.id)) this.#live.set(season.id, live);
    return live;
  }

  async match(id: string): Promise<Match> {
    return (await this.#knownMatch(id)).match;
  }

  /** The board of a match where both are known; else they must be looked up. */
  boardPlayed(match: string): Board | undefined {
    const known = this.#matches.get(match);
    return known && this.#boards.get(known.match.board)?.board;
  }

  /** A match that this server has just started or ended. */
  async noteMatch(match: Match): Promise<void> {
    await this.#remember(match);
  }

  /** Where ticks of this match, or of this open board, go: a value when it is known, else a promise. A tick that comes when the planned
   *  end of its season has passed waits for the next season: it never counts in the old one. */
  target(of: { match?: string | undefined; board?: string | undefined }): TickTarget | Promise<TickTarget> {
    const target = this.#target(of);
    if (target instanceof Promise) return target.then((found) => this.#inTime(found, of));
    return this.#inTime(target, of);
  }

  #inTime(target: TickTarget, of: Parameters<Catalogue['target']>[0]): TickTarget | Promise<TickTarget> {
    const season = this.#seasons.get(target.season.id);
    if (season === undefined || !this.#isOver(season)) return target;
    return this.#rollOver(season.board).then(() => this.#target(of));
  }

  #target(of: Parameters<Catalogue['target']>[0]): TickTarget | Promise<TickTarget> {
    if (of.match !== undefined) {
      const known = this.#matches.get(of.match);
      if (!known) return this.#knownMatch(of.match).then((found) => this.#matchTarget(found));
      if (this.#clock() - known.readAt > MATCH_FRESH_MS) this.#renew(known);
      return this.#matchTarget(known);
    }
    if (of.board === undefined)
      throw new Fault(
        'INVALID_REQUEST',
        'match: missing; name the match, or the board if it is an open one',
        { field: 'match', fix: 'name the match, or the board if it is an open one' },
      );
    return this.#openTargets.get(of.board) ?? this.#findOpenTarget(of.board);
  }

  #matchTarget(known: KnownMatch): TickTarget {
    if (known.match.abandoned)
      throw new Fault('MATCH_ABANDONED', abandonedMessage(known.match.id), {
        field: 'match',
        limit: "the board's matches.timeoutMs between ticks",
        fix: 'start another match',
      });
    if (known.match.endedAt !== undefined)
      throw new Fault(
        'MATCH_ENDED',
        `match: ${known.match.id} has ended and takes no more ticks; start another`,
        { field: 'match', limit: 'ticks until match.end', fix: 'start another match' },
      );
    const season = this.#seasons.get(known.match.season);
    if (season && !takesTicks(season.state))
      throw new Fault(
        'SEASON_CLOSED',
        `match: season ${season.id} is ${season.state} and takes no more ticks${takesFinals(season.state) ? '; finals of this match are still taken' : ''}`,
        { field: 'match', limit: 'ticks while the season is open', fix: 'start a match in the next season' },
      );
    return known.target;
  }

  async #findOpenTarget(boardId: string): Promise<TickTarget> {
    const board = await this.board(boardId);
    if (board.kind !== 'open')
      throw new Fault(
        'INVALID_REQUEST',
        `board: ${boardId} is a match board; send match, the id that match.start answered, in place of board`,
        { field: 'board', fix: 'send match in place of board' },
      );
    const season = this.#openSeason(boardId) ?? (await this.currentSeason(boardId));
    if (!takesTicks(season.state)) throw seasonNotOpen(boardId);
    const target = { season: await this.live(season), matchKey: '' };
    if (this.#seasons.has(season.id)) this.#openTargets.set(boardId, target);
    return target;
  }

  #openSeason(board: string): Season | undefined {
    for (const season of this.#seasons.values())
      if (season.board === board && takesTicks(season.state)) return season;
    return undefined;
  }

  #knownMatch(id: string): Promise<KnownMatch> {
    const known = this.#matches.get(id);
    if (known) return Promise.resolve(known);
    const underWay = this.#finding.get(id);
    if (underWay) return underWay;
    const finding = this.#findMatch(id).finally(() => this.#finding.delete(id));
    this.#finding.set(id, finding);
    return finding;
  }

  async #findMatch(id: string): Promise<KnownMatch> {
    const match = await this.#lookUp(() => this.#store.findMatch(id));
    if (!match) throw matchNotFound(id);
    return this.#remember(match);
  }

  async #remember(match: Match): Promise<KnownMatch> {
    const season = await this.live(await this.season(match.season));
    const target = { season, matchKey: matchKeyOf(match), door: this.#doorOf(match) };
    const known = { match, target, readAt: this.#clock() };
    this.#matches.delete(match.id);
    this.#matches.set(match.id, known);
    if (this.#matches.size > MATCHES_MAX) {
      const oldest = this.#matches.keys().next().value;
      if (oldest !== undefined) this.#matches.delete(oldest);
    }
    return known;
  }

  #renew(known: KnownMatch): void {
    known.readAt = this.#clock();
    this.#lookUp(() => this.#store.findMatch(known.match.id)).then(
      (match) => {
        if (match) known.match = match;
      },
      (error) => this.#log.debug({ err: error }, 'match renewal failed'),
    );
  }

  async #lookUp<T>(read: () => Promise<T>): Promise<T> {
    if (this.#lookups >= LOOKUPS_MAX)
      throw new Fault(
        'OVERLOADED',
        'too many look-ups of ids that this server does not know yet; try again',
        { limit: `${LOOKUPS_MAX} look-ups at once`, retryAfterMs: 200 },
      );
    this.#lookups++;
    try {
      return await read();
    } finally {
      this.#lookups--;
    }
  }
}
