/** What a person sees while the run goes on: a bar and the first places, redrawn on a terminal; phases alone, one line each, elsewhere. */
import { MultiBar, type SingleBar } from 'cli-progress';
import type { Report } from '../run.ts';

const TOP_LINES = 5;
const BAR = '  [{bar}] {seconds}/{total} s  {acked} acked  p99 {p99} ms  {dirty} dirty, {oldest} s';
/** Leaves room for the figures in 80 columns. */
const BAR_WIDTH = 18;
/** The bar's steps per second of the run. */
const STEPS = 10;

/** @param quiet says nothing at all */
export function terminalReport(stream: NodeJS.WriteStream, quiet: boolean): Report {
  if (quiet) return { phase() {}, progress() {}, top() {}, end() {} };
  if (!stream.isTTY) return { phase: (text) => stream.write(`${text}\n`), progress() {}, top() {}, end() {} };
  return new DrawnReport(stream);
}

class DrawnReport implements Report {
  readonly #stream: NodeJS.WriteStream;
  #bars: MultiBar | undefined;
  #bar: SingleBar | undefined;
  #lines: SingleBar[] = [];
  #top: string[] = [];

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  phase(text: string): void {
    this.end();
    this.#stream.write(`${text}\n`);
  }

  progress({ done, of, acked, ackMsP99, dirty, oldestDirtyMs }: Parameters<Report['progress']>[0]): void {
    const oldest = (oldestDirtyMs / 1_000).toFixed(1);
    const payload = { seconds: done.toFixed(1), acked, p99: ackMsP99.toFixed(1), dirty, oldest };
    if (!this.#bars) this.#draw(of, payload);
    this.#bar?.update(Math.round(done * STEPS), payload);
    for (const [i, line] of this.#lines.entries()) line.update(0, { line: this.#top[i] ?? '' });
  }

  top(rows: Parameters<Report['top']>[0]): void {
    this.#top = rows.map(
      ({ rank, player, score }) => `    ${String(rank).padStart(3)}  ${player.padEnd(20)} ${score}`,
    );
  }

  end(): void {
    this.#bars?.stop();
    this.#bars = undefined;
    this.#lines = [];
  }

  #draw(of: number, payload: object): void {
    this.#bars = new MultiBar({
      stream: this.#stream,
      clearOnComplete: false,
      hideCursor: true,
      barsize: BAR_WIDTH,
      format: BAR,
      formatValue: (value, _options, type) => (type === 'total' ? String(value / STEPS) : String(value)),
    });
    this.#bar = this.#bars.create(Math.round(of * STEPS), 0, payload);
    const bars = this.#bars;
    this.#lines = Array.from({ length: TOP_LINES }, () =>
      bars.create(1, 0, { line: '' }, { format: '{line}' }),
    );
  }
}
