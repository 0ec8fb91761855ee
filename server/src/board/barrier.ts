/** The barrier: fsync for scores. It answers when everything of a season that was acked before it, by any server, is committed.
 *
 *    1. the season is made whole: warm, and what this server acked and it lost is applied again
 *    2. the position is taken: what was acked before is at or below it
 *    3. flushes until the watermark has reached the position, whoever holds the lease
 *
 *  Barriers of one season share rounds: one that comes while a round is under way waits for the next, because the one under way may have
 *  taken its position before that barrier's ticks were acked. So any number of them costs one flush at a time. */
import { Fault } from '@photofinish/shared/protocol/errors';
import type { Flusher } from '../flush/flusher.ts';
import type { SnapshotStore, Watermark } from '../flush/snapshot-store.ts';
import { type Warmer, whenWarm } from '../flush/warmer.ts';
import type { Log } from '../observe/log.ts';
import type { Season } from './board-store.ts';
import type { Catalogue } from './catalogue.ts';
import type { LiveBoard, LiveSeason } from './live-board.ts';
import type { TickIntake } from './tick-intake.ts';

export interface BarrierAnswer {
  board: string;
  season: string;
  /** Null when nothing of the season was ever flushed, because there was nothing. */
  watermark: Watermark | null;
}

interface Deps {
  catalogue: Pick<Catalogue, 'currentSeason' | 'season' | 'live'>;
  intake: Pick<TickIntake, 'look'>;
  live: Pick<LiveBoard, 'window'>;
  flusher: Pick<Flusher, 'reach'>;
  warmer: Pick<Warmer, 'warm'>;
  store: Pick<SnapshotStore, 'watermark'>;
  log: Log;
  withinMs: number;
}

interface Rounds {
  running: Promise<Watermark | null>;
  next: Promise<Watermark | null> | undefined;
}

export class Barrier {
  readonly #deps: Deps;
  readonly #rounds = new Map<string, Rounds>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** @throws Fault UNAVAILABLE when it could not be reached in time: nothing is lost by that, ask again */
  async wait(of: { board: string; season?: string | undefined }): Promise<BarrierAnswer> {
    const season = await this.#season(of);
    const live = await this.#deps.catalogue.live(season);
    try {
      return { board: season.board, season: season.id, watermark: await this.#join(live) };
    } catch (error) {
      if (error instanceof Fault) throw error;
      this.#deps.log.warn({ err: error, season: season.id }, 'barrier not reached');
      throw notReached(season.id);
    }
  }

  async #season(of: { board: string; season?: string | undefined }): Promise<Season> {
    if (of.season === undefined) return this.#deps.catalogue.currentSeason(of.board);
    const season = await this.#deps.catalogue.season(of.season);
    if (season.board === of.board) return season;
    throw new Fault('SEASON_NOT_FOUND', `season: ${season.id} is not a season of board ${of.board}`, {
      field: 'season',
      fix: 'GET /v1/boards/{board}/seasons lists them',
    });
  }

  #join(season: LiveSeason): Promise<Watermark | null> {
    const rounds = this.#rounds.get(season.id);
    if (!rounds) {
      const fresh: Rounds = { running: this.#round(season), next: undefined };
      this.#rounds.set(season.id, fresh);
      this.#whenOver(season, fresh);
      return fresh.running;
    }
    rounds.next ??= rounds.running.then(
      () => this.#round(season),
      () => this.#round(season),
    );
    return rounds.next;
  }

  #whenOver(season: LiveSeason, rounds: Rounds): void {
    const over = () => {
      if (!rounds.next) {
        this.#rounds.delete(season.id);
        return;
      }
      rounds.running = rounds.next;
      rounds.next = undefined;
      this.#whenOver(season, rounds);
    };
    rounds.running.then(over, over);
  }

  async #round(season: LiveSeason): Promise<Watermark | null> {
    const { intake, live, warmer, flusher, store, withinMs } = this.#deps;
    const deadline = performance.now() + withinMs;
    await intake.look(season);
    const position = await whenWarm(warmer, season, () => live.window(season));
    if (position.dirty > 0) await flusher.reach(season, { position, cause: 'barrier', deadline });
    return (await store.watermark(season.id)) ?? null;
  }
}

const notReached = (season: string): Fault =>
  new Fault(
    'UNAVAILABLE',
    `season: ${season} could not be committed up to here in time; what is acked stays so, send the barrier again`,
    { field: 'season', fix: 'send the barrier again', retryAfterMs: 1_000 },
  );
