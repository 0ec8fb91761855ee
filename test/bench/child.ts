/** A process of the bench's own, the client or a baseline, that is asked to do things. `served.ts` is the other end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { BenchFailure } from './failure.ts';
import { ROOT } from './root.ts';

/** Longer than any measurement: what has not answered by then hangs. */
const ANSWER_WITHIN_MS = 180_000;
const END_WITHIN_MS = 5_000;

interface Waiting {
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

export type Methods = Record<string, (args: never) => unknown>;

export class Child<M extends Methods> {
  readonly name: string;
  readonly pid: number;
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #words = '';

  constructor(name: string, process: ChildProcess) {
    this.name = name;
    this.#process = process;
    this.pid = process.pid ?? 0;
    for (const stream of [process.stdout, process.stderr])
      stream?.on('data', (chunk: Buffer) => {
        this.#words = (this.#words + chunk.toString()).slice(-4_000);
      });
    process.on('message', (answer) => this.#answered(answer as Answer));
    process.once('exit', (code, signal) => this.#ended(`ended with ${signal ?? code}`));
    process.once('error', (error) => this.#ended(error.message));
  }

  /** @throws BenchFailure when the process ends or does not answer; what the method threw, by its message */
  call<N extends keyof M & string>(
    method: N,
    args: Parameters<M[N]>[0],
    withinMs = ANSWER_WITHIN_MS,
  ): Promise<Awaited<ReturnType<M[N]>>> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const late = setTimeout(
        () => this.#settle(id, (one) => one.reject(this.#failure(`did not answer ${method} in time`))),
        withinMs,
      );
      this.#waiting.set(id, {
        resolve: (result) => {
          clearTimeout(late);
          resolve(result as Awaited<ReturnType<M[N]>>);
        },
        reject: (error) => {
          clearTimeout(late);
          reject(error);
        },
      });
      this.#process.send?.({ id, method, args });
    });
  }

  async end(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = once(this.#process, 'exit');
    this.#process.kill('SIGTERM');
    const hard = setTimeout(() => this.#process.kill('SIGKILL'), END_WITHIN_MS);
    await gone;
    clearTimeout(hard);
  }

  #answered({ id, result, error }: Answer): void {
    this.#settle(id, (one) =>
      error === undefined ? one.resolve(result) : one.reject(new BenchFailure(`${this.name}: ${error}`)),
    );
  }

  #settle(id: number, how: (one: Waiting) => void): void {
    const one = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (one) how(one);
  }

  #ended(why: string): void {
    for (const id of [...this.#waiting.keys()]) this.#settle(id, (one) => one.reject(this.#failure(why)));
  }

  #failure(why: string): BenchFailure {
    return new BenchFailure(
      `the process ${this.name} ${why}${this.#words ? `; it said:\n${this.#words}` : ''}`,
    );
  }
}

interface Answer {
  id: number;
  result?: unknown;
  error?: string;
}

/** @param file from test/bench */
export function startChild<M extends Methods>(file: string): Child<M> {
  const process_ = spawn(
    process.execPath,
    ['--expose-gc', '--conditions=source', '--import', 'tsx', `test/bench/${file}`],
    { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe', 'ipc'], serialization: 'advanced' },
  );
  return new Child<M>(file.replace(/^.*\/|\.ts$/g, ''), process_);
}
