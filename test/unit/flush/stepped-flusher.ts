/** The real flush pass with a gate before every call of its ports: the test opens one gate at a time, in any order over any number of
 *  flushers, and says what becomes of the call. So an interleaving is a list of choices that fast-check can draw and shrink. */
import type { DirtyQueue } from '../../../server/src/flush/dirty-queue.ts';
import { flushPass } from '../../../server/src/flush/flush-pass.ts';
import { Crash, type MemoryPorts, season } from './memory-ports.ts';

export type Queue = Pick<DirtyQueue, 'claim' | 'page' | 'ack'>;

/** done: answered. replyLost: done, and the flusher never hears of it. refused: not done. late: the flusher gives up, and the call is
 *  done at some later time, as an abandoned statement that commits after all. */
export type Fate = 'done' | 'replyLost' | 'refused' | 'late';

interface Gate {
  open: () => Promise<unknown>;
  resolve: (result: unknown) => void;
  reject: (error: Error) => void;
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export class SteppedFlusher {
  readonly #queue: Queue;
  readonly #ports: MemoryPorts;
  readonly #batchSize: number;
  #gates: Gate[] = [];
  #running = false;
  /** Calls that were given up on and not done yet. */
  readonly late: (() => Promise<unknown>)[] = [];

  constructor(queue: Queue, ports: MemoryPorts, batchSize: number) {
    this.#queue = queue;
    this.#ports = ports;
    this.#batchSize = batchSize;
  }

  /** Begins a pass where none runs, and takes one step of it. A page may be read while another is written: `pick` says which of the two
   *  goes first. @returns false when the pass was idle and is over */
  async step(fate: Fate, pick: number): Promise<boolean> {
    if (!this.#running) await this.#begin();
    const [gate] = this.#gates.splice(pick % Math.max(1, this.#gates.length), 1);
    if (!gate) return false;
    if (fate === 'late') this.late.push(gate.open);
    const result = fate === 'done' || fate === 'replyLost' ? gate.open() : undefined;
    const answer = await result?.catch((error: Error) => error);
    if (fate !== 'done' || answer instanceof Error) gate.reject(new Crash(fate));
    else gate.resolve(answer);
    await settled();
    return this.#running;
  }

  /** The process is gone: nothing of the pass goes on. */
  crash(): void {
    this.#gates = [];
    this.#running = false;
  }

  async doLate(): Promise<void> {
    await this.late
      .shift()?.()
      .catch(() => undefined);
  }

  async #begin(): Promise<void> {
    this.#running = true;
    const mine: Gate[] = [];
    this.#gates = mine;
    const gated =
      <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
      (...args: A): Promise<R> =>
        new Promise<R>((resolve, reject) => {
          mine.push({ open: () => call(...args), resolve: resolve as (result: unknown) => void, reject });
        });
    const queue = {
      claim: gated(this.#queue.claim),
      page: gated(this.#queue.page),
      ack: gated(this.#queue.ack),
    };
    const deps = { queue, store: { write: gated(this.#ports.write) }, clock: () => 1 };
    const over = (): void => {
      if (this.#gates === mine) this.crash();
    };
    void flushPass(deps, season({ batchSize: this.#batchSize })).then(over, over);
    await settled();
  }
}
