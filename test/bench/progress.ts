/** One line on a terminal's stderr that says what is being measured; silence anywhere else. */
export class Progress {
  readonly #stream: NodeJS.WriteStream;
  readonly #startedAt = performance.now();

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.#stream = stream;
  }

  tell(what: string): void {
    if (!this.#stream.isTTY) return;
    const seconds = Math.round((performance.now() - this.#startedAt) / 1_000);
    this.#stream.write(`\r\x1b[2K${String(seconds).padStart(4)} s  ${what}`);
  }

  clear(): void {
    if (this.#stream.isTTY) this.#stream.write('\r\x1b[2K');
  }
}
