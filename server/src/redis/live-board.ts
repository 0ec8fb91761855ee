/** The live entries of a season in Redis: the port board/live-board.ts over scripts/*.lua. */
import type { Board } from '@photofinish/shared/domain/board';
import { SEASON_STATES, type SeasonState } from '@photofinish/shared/domain/season';
import type { Redis } from 'ioredis';
import {
  type ConfirmedEntry,
  type ConfirmedResult,
  type ConfirmedWrite,
  type LiveBoard,
  type LiveSeason,
  type PlayedMatch,
  type PlayedResult,
  type Position,
  type ReadResult,
  TICK_BATCH_MAX,
  type TickBatchResult,
  type TickMode,
  type TickWrite,
  type WindowResult,
} from '../board/live-board.ts';
import type { Around, Page, PageOf } from '../board/placed-entry.ts';
import { chunksOf } from './chunks.ts';
import { bringUnits, CONFIRM, confirmArgs, confirmResult, packConfirmed } from './confirm-script.ts';
import { readKeys, seasonKeys } from './keys.ts';
import { PLAYED, playedResult } from './played-script.ts';
import { bucketSizeOf, stampAt } from './rank-member.ts';
import {
  AROUND,
  aroundResult,
  PLAYERS_MAX,
  pageArgs,
  pageResult,
  RANKED_PAGE,
  RANKS,
  ranksResult,
  shownArgs,
  WINDOW,
  windowResult,
} from './read-scripts.ts';
import { run, runBinary, script } from './script.ts';
import { hasUnits, PackedTicks, packTicks, TICK, tickArgs, tickResult } from './tick-script.ts';

const SET_STATE = script('set-state', { keys: ['meta'], args: ['state'], writes: true });

const DIRTY_UNLIMITED = Number.MAX_SAFE_INTEGER;

/** Without a rule of its own metadata goes with the score that it came with. */
const keepOf = (board: Board): 'latest' | 'best' => board.entryMetadata?.keep ?? 'best';

export class RedisLiveBoard implements LiveBoard {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** @throws RangeError past TICK_BATCH_MAX */
  async tick(
    season: LiveSeason,
    ticks: readonly TickWrite[],
    { seen, redo = false }: TickMode = {},
  ): Promise<TickBatchResult> {
    if (ticks.length > TICK_BATCH_MAX)
      throw new RangeError(`a batch takes at most ${TICK_BATCH_MAX} ticks, not ${ticks.length}`);
    const { kind, operator, sortOrder, ranking } = season.board;
    const units = hasUnits(season.board);
    const packed = packTicks(ticks);
    const rest = tickArgs(ticks, units);
    const reply = await runBinary(this.#redis, TICK, {
      keys: seasonKeys(season),
      args: {
        // What was acked before has its place: it is not refused when it is applied again.
        ...{ kind, operator, sortOrder, dirtyLimit: redo ? DIRTY_UNLIMITED : season.board.flush.dirtyLimit },
        ...{ seenEpoch: seen?.epoch ?? '', seenVersion: seen?.version ?? 0, redo: redo ? 1 : 0 },
        ...{ keep: keepOf(season.board), hasUnits: units ? 1 : 0, ranking },
        ...{ bucketSize: bucketSizeOf(season.board), count: ticks.length, packed },
      },
      rest,
    });
    const result = tickResult(season.board, ticks.length, reply);
    if (result.kind === 'ok' && !units) result.sent = new PackedTicks(ticks.length, packed, rest);
    return result;
  }

  /** More writes than one script takes go in several, each atomic; the position is that of the last. */
  async confirm(
    season: LiveSeason,
    writes: readonly ConfirmedWrite[],
    now: number,
  ): Promise<ConfirmedResult> {
    const { operator, sortOrder, ranking } = season.board;
    const rules = { operator, sortOrder, ranking, bucketSize: bucketSizeOf(season.board) };
    const parts = chunksOf(writes, TICK_BATCH_MAX);
    const entries: ConfirmedEntry[] = [];
    let position: Position = { epoch: 0, version: 0 };
    for (const part of parts) {
      const units = bringUnits(season.board, part);
      const own = { now: stampAt(now), keep: keepOf(season.board), hasUnits: units ? 1 : 0 };
      const reply = await runBinary(this.#redis, CONFIRM, {
        keys: seasonKeys(season),
        args: { ...rules, ...own, count: part.length, packed: packConfirmed(part) },
        rest: confirmArgs(part, units),
      });
      const result = confirmResult(season.board, { writes: part.length, units }, reply);
      if (result.kind === 'cold') return result;
      entries.push(...result.entries);
      position = { epoch: result.epoch, version: result.version };
    }
    return { kind: 'ok', ...position, entries };
  }

  async played(
    season: LiveSeason,
    asked: readonly { player: string; matchKey: string }[],
  ): Promise<PlayedResult> {
    const played: PlayedMatch[] = [];
    for (const part of chunksOf(asked, TICK_BATCH_MAX)) {
      const reply = await run(this.#redis, PLAYED, {
        keys: seasonKeys(season),
        args: {},
        rest: part.flatMap(({ player, matchKey }) => [player, matchKey]),
      });
      const result = playedResult(part.length, reply);
      if (result.kind === 'cold') return result;
      played.push(...result.played);
    }
    return { kind: 'ok', played };
  }

  async page(season: LiveSeason, of: PageOf): Promise<ReadResult<Page>> {
    if (!(of.limit >= 0)) throw new RangeError(`a page takes a limit of at least 0, not ${of.limit}`);
    const call = { keys: readKeys(season), args: pageArgs(season.board, of) };
    return pageResult(season.board, await run(this.#redis, RANKED_PAGE, call));
  }

  async around(season: LiveSeason, { player, above, below }: Around) {
    const args = { ...shownArgs(season.board), player, above, below };
    const call = { keys: readKeys(season), args };
    return aroundResult(season.board, await run(this.#redis, AROUND, call));
  }

  /** @throws RangeError past PLAYERS_MAX */
  async ranks(season: LiveSeason, players: readonly string[]) {
    if (players.length > PLAYERS_MAX)
      throw new RangeError(`ranks takes at most ${PLAYERS_MAX} players, not ${players.length}`);
    const { board } = season;
    const { ranking, sortOrder } = board;
    const call = {
      keys: readKeys(season),
      args: { ranking, sortOrder, inBuckets: board.buckets ? 1 : 0 },
      rest: players,
    };
    return ranksResult(players, await run(this.#redis, RANKS, call));
  }

  async window(season: LiveSeason): Promise<WindowResult> {
    return windowResult(await run(this.#redis, WINDOW, { keys: seasonKeys(season), args: {} }));
  }

  async setState(season: LiveSeason, state: SeasonState): Promise<void> {
    const before = SEASON_STATES.slice(0, SEASON_STATES.indexOf(state));
    await run(this.#redis, SET_STATE, { keys: seasonKeys(season), args: { state }, rest: before });
  }
}
