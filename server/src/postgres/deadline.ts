/** The time that one call may take, over all its statements and attempts. postgres.js has no timeout of its own, and
 *  `statement_timeout` does not fire in a backend that is stopped. */
import { DeadlinePassed } from './faults.ts';

export class Deadline {
  readonly #ms: number;
  readonly #endsAt: number;

  constructor(ms: number) {
    this.#ms = ms;
    this.#endsAt = performance.now() + ms;
  }

  get passed(): boolean {
    return performance.now() >= this.#endsAt;
  }

  /** The work goes on past the deadline unless the caller cuts it off. @throws DeadlinePassed */
  async race<T>(work: Promise<T>): Promise<T> {
    // A late failure belongs to nobody any more and must not end the process as an unhandled rejection.
    work.catch(() => undefined);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const leftMs = Math.max(0, this.#endsAt - performance.now());
      timer = setTimeout(() => reject(new DeadlinePassed(this.#ms)), leftMs);
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
