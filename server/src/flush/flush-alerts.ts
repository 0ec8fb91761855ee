/** When the flushes of one season are worth an alert, and when no longer. */
import type { Alarm } from './alarm.ts';
import type { FlushPass } from './flush-pass.ts';

/** One failure is a hiccup: the next attempt comes within half a second. */
const FAILURES_MIN = 2;
/** A pass that repeats what a dead flusher had committed is refused once; more of them have another cause. */
const REFUSED_PASSES_MIN = 3;

export class FlushAlerts {
  readonly #season: string;
  readonly #alarm: Alarm;
  #refusedPasses = 0;

  constructor(season: string, alarm: Alarm) {
    this.#season = season;
    this.#alarm = alarm;
  }

  failed(failures: number, outage: boolean): void {
    if (failures >= FAILURES_MIN || outage) this.#alarm.raise('flush-failing', this.#season, { failures });
  }

  worked(): void {
    this.#alarm.clear('flush-failing', this.#season);
  }

  flushed(pass: Pick<FlushPass, 'refused' | 'parked'>): void {
    if (pass.parked.length > 0)
      this.#alarm.raise('poison-parked', this.#season, { rows: pass.parked.length });
    this.#refusedPasses = pass.refused > 0 ? this.#refusedPasses + 1 : 0;
    if (this.#refusedPasses >= REFUSED_PASSES_MIN)
      this.#alarm.raise('rows-refused', this.#season, { rows: pass.refused, passes: this.#refusedPasses });
    if (this.#refusedPasses === 0) this.#alarm.clear('rows-refused', this.#season);
  }

  /** The season is no longer looked after here. */
  forget(): void {
    this.#alarm.clear('flush-failing', this.#season);
    this.#alarm.clear('rows-refused', this.#season);
    this.#alarm.clear('window-past-limit', this.#season);
  }
}
