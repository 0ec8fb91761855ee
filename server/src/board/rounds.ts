/** Does something again and again, one round at a time: while one takes longer than the interval, no other begins. */
interface Deps {
  everyMs: number;
  round: () => Promise<void>;
  /** Told of a round that failed. The next one comes as ever. */
  failed: (error: unknown) => void;
}

export class Rounds {
  readonly #deps: Deps;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  start(): void {
    this.#timer = setInterval(() => void this.now(), this.#deps.everyMs);
  }

  /** Begins no further round. Resolves when the one under way is over. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  /** The round under way, or one that begins now. Rejects never. */
  now(): Promise<void> {
    this.#running ??= this.#deps
      .round()
      .catch(this.#deps.failed)
      .finally(() => {
        this.#running = undefined;
      });
    return this.#running;
  }
}
