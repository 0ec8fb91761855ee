/** Looks every so often at what no event tells: windows that grow past their limit, and parked rows that are gone. */

import type { LiveBoard, LiveSeason } from '../board/live-board.ts';
import { Rounds } from '../board/rounds.ts';
import type { Log } from '../observe/log.ts';
import { type Alarm, windowLimitMs } from './alarm.ts';
import type { FlushFailureStore } from './flush-failure-store.ts';

/** How late an alert may come. */
const LOOK_EVERY_MS = 1_000;
const SEASONS_PARKED_MAX = 1_000;

interface Deps {
  live: Pick<LiveBoard, 'window'>;
  liveSeasons: () => Promise<LiveSeason[]>;
  parking: Pick<FlushFailureStore, 'list'>;
  alarm: Alarm;
  clock: () => number;
  log: Log;
}

export interface SeasonWindow {
  season: LiveSeason;
  dirty: number;
  oldestDirtyMs: number;
}

export class AlertWatch {
  readonly #deps: Deps;
  readonly #rounds: Rounds;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#rounds = new Rounds({
      everyMs: LOOK_EVERY_MS,
      round: () => this.#look(),
      failed: (error) => deps.log.debug({ err: error }, 'looking for alerts failed; they stay as they are'),
    });
  }

  /** Raises what an earlier run left behind. */
  async start(): Promise<void> {
    const { parking, alarm } = this.#deps;
    const { failures } = await parking.list({ season: undefined, limit: SEASONS_PARKED_MAX });
    for (const { season } of failures) alarm.raise('poison-parked', season, { rows: failures.length });
    this.#rounds.start();
  }

  stop(): void {
    void this.#rounds.stop();
  }

  /** Of every live season, from Redis alone: it must be answered while Postgres is down, when it matters. */
  async windows(): Promise<SeasonWindow[]> {
    const { live, liveSeasons, clock } = this.#deps;
    return Promise.all(
      (await liveSeasons()).map(async (season) => {
        const window = await live.window(season);
        const dirty = window.kind === 'ok' ? window.dirty : 0;
        const since = window.kind === 'ok' ? window.dirtySince : undefined;
        return { season, dirty, oldestDirtyMs: since === undefined ? 0 : Math.max(0, clock() - since) };
      }),
    );
  }

  async #look(): Promise<void> {
    await this.#lookAtWindows();
    await this.#lookAtParked();
  }

  async #lookAtWindows(): Promise<void> {
    const { alarm } = this.#deps;
    for (const { season, oldestDirtyMs, dirty } of await this.windows()) {
      const limitMs = windowLimitMs(season);
      if (oldestDirtyMs > limitMs)
        alarm.raise('window-past-limit', season.id, { oldestDirtyMs, limitMs, dirty });
      else alarm.clear('window-past-limit', season.id);
    }
  }

  async #lookAtParked(): Promise<void> {
    const { alarm, parking } = this.#deps;
    for (const season of alarm.active('poison-parked'))
      if ((await parking.list({ season, limit: 1 })).total === 0) alarm.clear('poison-parked', season);
  }
}
