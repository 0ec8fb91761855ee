/** Delivers season events to the operator's receiver: each at least once, from an outbox that the change itself wrote to.
 *
 *  A crash at any moment costs at most another delivery: an event is marked delivered after the receiver said so, and until then it comes
 *  up again, at this server or another, when its claim or its wait is over. */
import type { Log } from '../observe/log.ts';
import type { OutboxEvent, SeasonEventStore } from './season-event-store.ts';

export const EVENT_OUTCOMES = ['delivered', 'failed', 'given-up'] as const;
export type EventOutcome = (typeof EVENT_OUTCOMES)[number];

export interface SeasonEventObserver {
  sent(outcome: EventOutcome): void;
}

interface Deps {
  store: Pick<SeasonEventStore, 'claim' | 'delivered' | 'failed'>;
  /** @throws Error unless the receiver took it */
  send: (body: string, signal: AbortSignal) => Promise<void>;
  observer: SeasonEventObserver;
  clock: () => number;
  random: () => number;
  log: Log;
}

const LOOK_MS = 1_000;
/** In one look; the next follows at once while there are more. */
const BATCH = 5;
/** Longer than the attempts of a batch may take, or two servers send the same at once: harmless, but twice. */
const LEASE_MS = 30_000;
const WAIT_FIRST_MS = 1_000;
const WAIT_MAX_MS = 600_000;
/** Past it an event is no news, and is left for an admin to look at. */
const GIVE_UP_MS = 3 * 86_400_000;

export class SeasonEvents {
  readonly #deps: Deps;
  readonly #stopping = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  start(): void {
    this.#timer = setInterval(() => this.nudge(), LOOK_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopping.abort();
    await this.#running;
  }

  /** Something was written to the outbox. */
  nudge(): void {
    this.#running ??= this.#deliverAll()
      .catch((error) => this.#deps.log.warn({ err: error }, 'season events not read; they are read again'))
      .finally(() => {
        this.#running = undefined;
      });
  }

  async #deliverAll(): Promise<void> {
    for (;;) {
      const claimed = await this.#deps.store.claim({ limit: BATCH, leaseMs: LEASE_MS });
      for (const entry of claimed) {
        if (this.#stopping.signal.aborted) return;
        await this.#deliver(entry);
      }
      if (claimed.length < BATCH) return;
    }
  }

  async #deliver({ event, attempts }: OutboxEvent): Promise<void> {
    const { store, send, observer, clock, log } = this.#deps;
    try {
      await send(JSON.stringify(event), this.#stopping.signal);
    } catch (error) {
      const problem = error instanceof Error ? error.message.slice(0, 500) : 'unknown';
      const past = clock() - event.at > GIVE_UP_MS;
      const stopping = this.#stopping.signal.aborted;
      observer.sent(past ? 'given-up' : 'failed');
      const of = { event: event.id, attempts, problem };
      if (past) log.error(of, 'season event given up; an admin may send it again');
      else log.warn(of, 'season event not delivered; it is sent again');
      await store.failed(event.id, {
        problem,
        retryInMs: stopping ? 0 : past ? undefined : this.#waitOf(attempts),
      });
      return;
    }
    observer.sent('delivered');
    await store.delivered(event.id);
  }

  #waitOf(attempts: number): number {
    const ceiling = Math.min(WAIT_MAX_MS, WAIT_FIRST_MS * 2 ** Math.min(20, attempts - 1));
    return Math.round(ceiling / 2 + (this.#deps.random() * ceiling) / 2);
  }
}
