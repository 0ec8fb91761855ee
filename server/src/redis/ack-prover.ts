/** Which proofs this Redis can give, and the lanes that give them. A lane's connection opens with its first use: a server whose boards
 *  all ack `cache` has none. */
import type { Redis } from 'ioredis';
import type { LiveSeason, Position } from '../board/live-board.ts';
import type { AckProver, Proof } from '../board/tick-acks.ts';
import { AckLane } from './ack-lane.ts';
import { redisReady } from './connections.ts';
import { redisFault } from './faults.ts';
import { parseInfo } from './startup-check.ts';

const READY_MS = 5_000;

interface Deps {
  /** Only read from; waiting is done elsewhere. */
  redis: Redis;
  /** A new connection whose command timeout exceeds `timeoutMs`. */
  open: (name: string) => Redis;
  /** Longest wait for one fsync or replication. */
  timeoutMs: number;
}

interface OpenLane {
  redis: Redis;
  lane: AckLane;
}

export class RedisAckProver implements AckProver {
  readonly #deps: Deps;
  readonly #lanes = new Map<string, OpenLane>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async whyNot(proof: Proof): Promise<{ problem: string; fix: string } | undefined> {
    let info: Map<string, string>;
    let described: unknown[];
    try {
      info = parseInfo(await this.#deps.redis.info());
      described = (await this.#deps.redis.call('COMMAND', 'INFO', 'WAITAOF')) as unknown[];
    } catch (error) {
      throw redisFault(error, false);
    }
    const why = proof.ack === 'aof' ? noAof(info, described[0]) : tooFewReplicas(info, proof.replicas);
    // Opened before the first tick is applied: a proof must not wait for a connection.
    if (!why) await redisReady(this.#laneOf(proof).redis, READY_MS);
    return why;
  }

  prove(proof: Proof, season: LiveSeason, position: Position): Promise<void> {
    return this.#laneOf(proof).lane.wait(season, position);
  }

  stop(): void {
    for (const { redis } of this.#lanes.values()) redis.disconnect();
    this.#lanes.clear();
  }

  #laneOf(proof: Proof): OpenLane {
    const name = proof.ack === 'aof' ? 'ack-aof' : `ack-replica-${proof.replicas}`;
    let open = this.#lanes.get(name);
    if (!open) {
      const redis = this.#deps.open(name);
      open = { redis, lane: new AckLane(redis, proof, this.#deps.timeoutMs) };
      this.#lanes.set(name, open);
    }
    return open;
  }
}

function noAof(info: ReadonlyMap<string, string>, waitAof: unknown) {
  if (!waitAof)
    return {
      problem: `it is version ${info.get('redis_version') ?? 'unknown'}, without WAITAOF`,
      fix: 'run Redis 7.2 or newer, or Valkey, or set ticks.ack to cache',
    };
  if (info.get('aof_enabled') === '1') return undefined;
  return {
    problem: 'it keeps no append-only file',
    fix: 'set appendonly yes (CONFIG SET appendonly yes, and in redis.conf), or set ticks.ack to cache',
  };
}

function tooFewReplicas(info: ReadonlyMap<string, string>, asked: number) {
  const online = [...info].filter(
    ([name, value]) => /^slave\d+$/.test(name) && /(^|,)state=online(,|$)/.test(value),
  ).length;
  if (online >= asked) return undefined;
  return {
    problem: `it has ${online} of ${asked} replicas`,
    fix: `connect ${asked - online} more (replicaof), or lower ticks.replicas`,
  };
}
