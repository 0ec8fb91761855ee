/** Requests without an answer yet, oldest first: as all wait equally long, that is the order of their deadlines too. */
import { Fault } from '../protocol/errors.ts';
import type { Reply } from '../protocol/replies.ts';
import type { RequestType } from '../protocol/requests.ts';

/** Called once per request, with its reply or with why there is none. */
export type Answered<T extends RequestType> = (answer: Reply<T> | Fault) => void;

export interface PendingRequest {
  id: number;
  type: RequestType;
  text: string;
  answered: Answered<RequestType>;
  /** Milliseconds. */
  deadline: number;
  /** How often it went out; 0 while it waits for a connection. */
  sends: number;
  /** Goes out although others are held. */
  first: boolean;
  /** The connection that it went out on last, by number; 0 before it did. */
  sentOn: number;
}

/** Sending these again after a lost connection would do a second thing, or a thing that ended with the connection. */
const NOT_REPEATABLE: ReadonlySet<RequestType> = new Set(['match.start', 'subscribe', 'unsubscribe']);

export class InFlight {
  readonly #requests = new Map<number, PendingRequest>();
  readonly #sendsMax: number;

  /** @param sendsMax bounds how often one request is sent over all reconnects */
  constructor(sendsMax: number) {
    this.#sendsMax = sendsMax;
  }

  get size(): number {
    return this.#requests.size;
  }

  get oldestDeadline(): number | undefined {
    for (const request of this.#requests.values()) return request.deadline;
    return undefined;
  }

  add(request: PendingRequest): void {
    this.#requests.set(request.id, request);
  }

  take(id: number): PendingRequest | undefined {
    const request = this.#requests.get(id);
    if (request) this.#requests.delete(id);
    return request;
  }

  takeExpired(now: number): PendingRequest[] {
    const expired: PendingRequest[] = [];
    for (const request of this.#requests.values()) {
      if (request.deadline > now) break;
      expired.push(request);
      this.#requests.delete(request.id);
    }
    return expired;
  }

  /** Those that a lost connection ends: what went out and must not, or may no longer, go out again. */
  takeBroken(): PendingRequest[] {
    return this.#takeWhere(
      ({ type, sends }) => sends > 0 && (NOT_REPEATABLE.has(type) || sends >= this.#sendsMax),
    );
  }

  takeAll(): PendingRequest[] {
    return this.#takeWhere(() => true);
  }

  /** All that wait, in the order in which they were asked for: ticks of one player must go out again by growing seq. */
  all(): Iterable<PendingRequest> {
    return this.#requests.values();
  }

  #takeWhere(wanted: (request: PendingRequest) => boolean): PendingRequest[] {
    const taken = [...this.#requests.values()].filter(wanted);
    for (const request of taken) this.#requests.delete(request.id);
    return taken;
  }
}

/** What a request without an answer is told. Only what never went out is certain not to have been done. */
export function unanswered(request: PendingRequest, why: string): Fault {
  if (request.sends === 0)
    return new Fault('UNAVAILABLE', `${request.type} was not sent: ${why}`, { fix: 'send it again later' });
  return new Fault('OUTCOME_UNKNOWN', `${request.type} got no answer: ${why}`, {
    fix: NOT_REPEATABLE.has(request.type)
      ? 'ask again; what the first one did, if anything, stays'
      : 'send the same again, with the same seq: a repeat changes nothing',
  });
}
