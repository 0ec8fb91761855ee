/** Lets one through at a time, in the order in which they came. */
export class Gate {
  #tail: Promise<unknown> = Promise.resolve();

  alone<T>(run: () => Promise<T>): Promise<T> {
    const done = this.#tail.then(run);
    this.#tail = done.catch(() => undefined);
    return done;
  }
}
