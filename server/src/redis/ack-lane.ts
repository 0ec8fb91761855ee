/** One kind of proof, on a connection of its own, so that ticks do not stand behind its waiting.
 *
 *  The fsynced offset and those of replicas are global: a marker that this connection writes after the ticks were applied, and whose
 *  fsync or replication it waits for, proves all that Redis did before it. One wait is under way at a time; batches that come
 *  meanwhile share the next one (group commit), so that their answers leave in order.
 *
 *  What would make a proof false, and what is done about it:
 *    - WAITAOF and WAIT return what they reached on a timeout too         the count is compared
 *    - Redis restarted in between, and the marker is in its new life       a lost connection fails all that wait
 *    - the new life has another past (an older AOF, a lagging replica)     each season's epoch and version are read before the marker */
import type { Redis } from 'ioredis';
import type { LiveSeason, Position } from '../board/live-board.ts';
import { notEarned, type Proof } from '../board/tick-acks.ts';
import { seasonKeys } from './keys.ts';

/** Any key will do: its value is never read. */
const MARKER_KEY = 'pf:ack';
/** Leaves nothing behind in a Redis that is no longer used. */
const MARKER_TTL_MS = 60_000;

interface Waiter {
  season: LiveSeason;
  position: Position;
  resolve(): void;
  reject(error: unknown): void;
}

export class AckLane {
  readonly #redis: Redis;
  readonly #proof: Proof;
  readonly #timeoutMs: number;
  #joined: Waiter[] = [];
  #running = false;

  /** @param redis its command timeout must exceed `timeoutMs`: Redis answers only then */
  constructor(redis: Redis, proof: Proof, timeoutMs: number) {
    this.#redis = redis;
    this.#proof = proof;
    this.#timeoutMs = timeoutMs;
    redis.on('close', () => {
      for (const waiter of this.#joined.splice(0))
        waiter.reject(notEarned('the connection to Redis was lost'));
    });
  }

  /** Resolves when all that Redis did before this call has the proof. @throws Fault OUTCOME_UNKNOWN */
  wait(season: LiveSeason, position: Position): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#joined.push({ season, position, resolve, reject });
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#joined.length > 0) {
      const group = this.#joined.splice(0);
      try {
        const positions = await this.#prove(group);
        for (const waiter of group) settle(waiter, positions.get(waiter.season.id));
      } catch (error) {
        for (const waiter of group) waiter.reject(error);
      }
    }
    this.#running = false;
  }

  /** Positions by season, as they were before the marker. */
  async #prove(group: readonly Waiter[]): Promise<Map<string, Position>> {
    const seasons = new Map(group.map(({ season }) => [season.id, season]));
    const pipeline = this.#redis.pipeline();
    for (const season of seasons.values()) pipeline.hmget(seasonKeys(season).meta, 'epoch', 'version');
    pipeline.set(MARKER_KEY, 1, 'PX', MARKER_TTL_MS);
    if (this.#proof.ack === 'aof') pipeline.call('WAITAOF', 1, 0, this.#timeoutMs);
    else pipeline.call('WAIT', this.#proof.replicas, this.#timeoutMs);
    const replies = await this.#answersOf(pipeline.exec());
    this.#assertReached(replies.at(-1));
    const positions = new Map<string, Position>();
    for (const [i, id] of [...seasons.keys()].entries()) {
      const [epoch, version] = replies[i] as (string | null)[];
      if (epoch) positions.set(id, { epoch: Number(epoch), version: Number(version) });
    }
    return positions;
  }

  async #answersOf(sent: Promise<[Error | null, unknown][] | null>): Promise<unknown[]> {
    let replies: [Error | null, unknown][] | null;
    try {
      replies = await sent;
    } catch (error) {
      throw notEarned(`its ack was not proved (${error instanceof Error ? error.message : error})`);
    }
    return (replies ?? []).map(([error, reply]) => {
      if (error) throw notEarned(`its ack was not proved (${error.message})`);
      return reply;
    });
  }

  #assertReached(reply: unknown): void {
    const asked = this.#proof.ack === 'aof' ? 1 : this.#proof.replicas;
    const reached = Array.isArray(reply) ? Number(reply[0]) : Number(reply ?? 0);
    if (reached >= asked) return;
    throw notEarned(
      this.#proof.ack === 'aof'
        ? `no fsync of its append-only file came within ${this.#timeoutMs} ms`
        : `only ${reached} of ${asked} replicas had it within ${this.#timeoutMs} ms`,
    );
  }
}

function settle(waiter: Waiter, found: Position | undefined): void {
  const { epoch, version } = waiter.position;
  if (found && found.epoch === epoch && found.version >= version) waiter.resolve();
  else waiter.reject(notEarned('Redis has lost its memory since'));
}
