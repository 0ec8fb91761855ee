/** How hard the flusher is pressed, and what writers feel of it: the page cache's limits, for scores.
 *
 *    below dirtyBackground          nobody waits
 *    between it and dirtyLimit      acks of ticks are held back, for the time that the flush needs to get back below background
 *    at dirtyLimit                  ticks that would make another entry dirty are refused; those of dirty entries are still taken
 *
 *  The last one is decided in tick.lua, which alone knows. Memory is bounded through any outage: by players, not by ticks. */
import type { LiveSeason } from './live-board.ts';

/** Longer, and clients take the ack for lost and send again. */
const HELD_MAX_MS = 1_000;
/** Rows per second, until a flush of this server was measured. */
const RATE_ASSUMED = 10_000;
/** Smaller passes measure their round trips. */
const MEASURED_ROWS_MIN = 500;

export interface PressureObserver {
  /** The acks of one batch are held back. */
  held(ms: number): void;
}

export class Pressure {
  readonly #observer: PressureObserver;
  #rowsPerSecond = RATE_ASSUMED;
  #failing = false;

  constructor(observer: PressureObserver) {
    this.#observer = observer;
  }

  flushed(pass: { rows: number; ms: number }): void {
    this.#failing = false;
    if (pass.rows < MEASURED_ROWS_MIN) return;
    const measured = (pass.rows * 1_000) / Math.max(1, pass.ms);
    this.#rowsPerSecond = (this.#rowsPerSecond + measured) / 2;
  }

  /** Until the next flush that works, nothing leaves the dirty set: only how full it is counts. */
  failed(): void {
    this.#failing = true;
  }

  /** How long the acks of a batch must wait that left `dirty` entries dirty; 0: not at all. */
  ackDelayMs(season: LiveSeason, dirty: number): number {
    const { dirtyBackground, dirtyLimit } = season.board.flush;
    if (dirty <= dirtyBackground) return 0;
    const excess = dirty - dirtyBackground;
    const full = Math.min(1, excess / Math.max(1, dirtyLimit - dirtyBackground));
    const flushMs = (excess * 1_000) / this.#rowsPerSecond;
    const delayMs = Math.round(Math.min(HELD_MAX_MS, this.#failing ? full * HELD_MAX_MS : flushMs));
    if (delayMs > 0) this.#observer.held(delayMs);
    return delayMs;
  }
}
