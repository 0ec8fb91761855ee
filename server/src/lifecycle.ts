/** Starts parts in the order of one list and stops them in its mirror: what is started last depends on what came before, so it must
 *  go first. A part that fails to start stops those before it. */
import type { Log } from './observe/log.ts';

export interface Part {
  name: string;
  start?: () => Promise<void> | void;
  /** Gets the time that is left, in milliseconds, and should not take longer. */
  stop?: (withinMs: number) => Promise<void> | void;
}

export class Lifecycle {
  readonly #parts: readonly Part[];
  readonly #log: Log;
  readonly #stopWithinMs: number;
  #started: Part[] = [];

  constructor(parts: readonly Part[], how: { log: Log; stopWithinMs: number }) {
    this.#parts = parts;
    this.#log = how.log;
    this.#stopWithinMs = how.stopWithinMs;
  }

  async start(): Promise<void> {
    for (const part of this.#parts) {
      try {
        await part.start?.();
        this.#started.push(part);
        this.#log.debug({ part: part.name }, 'started');
      } catch (error) {
        this.#started.push(part);
        await this.stop();
        throw error;
      }
    }
  }

  /** @returns the names of the parts that failed to stop or took too long; nothing is left running by intent */
  async stop(): Promise<string[]> {
    const deadline = performance.now() + this.#stopWithinMs;
    const failed: string[] = [];
    for (const part of this.#started.splice(0).reverse()) {
      const leftMs = Math.max(100, deadline - performance.now());
      try {
        await within(leftMs, part.name, part.stop?.(leftMs));
        this.#log.debug({ part: part.name }, 'stopped');
      } catch (error) {
        failed.push(part.name);
        this.#log.error({ err: error, part: part.name }, 'part did not stop cleanly');
      }
    }
    return failed;
  }
}

async function within(ms: number, name: string, work: Promise<void> | void): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${name} took longer than ${Math.round(ms)} ms`)), ms);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
