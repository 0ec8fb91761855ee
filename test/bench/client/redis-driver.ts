/** Puts ticks to Redis by the product's own script, past its server: what Redis alone can do. */

import type { Board } from '@photofinish/shared/domain/board';
import { Redis } from 'ioredis';
import type { TickWrite } from '../../../server/src/board/live-board.ts';
import { redisReady } from '../../../server/src/redis/connections.ts';
import { RedisLiveBoard } from '../../../server/src/redis/live-board.ts';
import { mainThreadUs } from '../cpu.ts';
import { firstScore, playerId } from '../players.ts';
import { serve } from '../served.ts';

interface Season {
  id: string;
  board: Board;
}

const WRITER = 'bench';
/** Calls under way: the next one waits in Redis' socket when the last is done. */
const CALLS = 3;
const CONNECT_WITHIN_MS = 10_000;

interface Course {
  live: RedisLiveBoard;
  season: Season;
  players: string[];
  scores: Float64Array;
  seqs: Uint32Array;
}

let redis: Redis | undefined;
const courses = new Map<string, Course>();

function course(id: string): Course {
  const found = courses.get(id);
  if (!found) throw new Error(`season ${id} was not filled`);
  return found;
}

async function put(of: Course, ticks: readonly TickWrite[]): Promise<void> {
  const result = await of.live.tick(of.season, ticks);
  if (result.kind !== 'ok') throw new Error(`season ${of.season.id} answers ${result.kind}`);
  for (let i = 0; i < ticks.length; i++) {
    const [tick, outcome] = [ticks[i], result.outcomes[i]];
    if (outcome?.score === tick?.score && outcome?.improved && outcome.rank > 0) continue;
    throw new Error(`a tick ${JSON.stringify(tick)} came to ${JSON.stringify(outcome)}`);
  }
}

export const methods = serve({
  async connect({ url }: { url: string }): Promise<void> {
    redis = new Redis(url);
    await redisReady(redis, CONNECT_WITHIN_MS);
  },

  /** Puts `entries` players into a warm, empty season. Two such seasons may hold the same players. */
  async fill(of: { season: Season; entries: number; batch: number }): Promise<void> {
    if (!redis) throw new Error('not connected');
    const filled: Course = {
      ...{ live: new RedisLiveBoard(redis), season: of.season },
      players: Array.from({ length: of.entries }, (_, number) => playerId(number)),
      scores: Float64Array.from({ length: of.entries }, (_, number) => firstScore(number)),
      seqs: new Uint32Array(of.entries),
    };
    courses.set(of.season.id, filled);
    let next = 0;
    const filler = async () => {
      while (next < of.entries) {
        const ticks: TickWrite[] = [];
        for (; ticks.length < of.batch && next < of.entries; next++)
          ticks.push(tickAt(filled, next, 1_700_000_000_000 + next));
        await put(filled, ticks);
      }
    };
    await Promise.all(Array.from({ length: CALLS }, filler));
  },

  /** Ticks of random players, each an improvement, for a while. */
  async run(of: { season: string; batch: number; warmMs: number; measureMs: number; redisPid: number }) {
    const on = course(of.season);
    let [ticks, going] = [0, true];
    const writer = async () => {
      while (going) {
        const batch: TickWrite[] = [];
        const now = Date.now();
        for (let i = 0; i < of.batch; i++) {
          const number = Math.floor(Math.random() * on.players.length);
          on.scores[number] = (on.scores[number] as number) + 1 + (i % 97);
          batch.push(tickAt(on, number, now));
        }
        await put(on, batch);
        ticks += batch.length;
      }
    };
    const writers = Promise.all(Array.from({ length: CALLS }, writer));
    writers.catch(() => undefined);
    await sleep(of.warmMs);
    const before = look(ticks, of.redisPid);
    await sleep(of.measureMs);
    const after = look(ticks, of.redisPid);
    going = false;
    await writers;
    const ms = after.at - before.at;
    const done = after.ticks - before.ticks;
    return {
      perSecond: (done * 1_000) / ms,
      redisUs: (after.redis - before.redis) / done,
      clientUs: (after.own - before.own) / done,
      clientShare: (after.own - before.own) / (ms * 1_000),
    };
  },

  scores: ({ season }: { season: string }): Float64Array => course(season).scores,

  forget({ season }: { season: string }): void {
    courses.delete(season);
  },
});

function tickAt(of: Course, number: number, at: number): TickWrite {
  const seq = (of.seqs[number] as number) + 1;
  of.seqs[number] = seq;
  return {
    ...{ player: of.players[number] as string, writer: WRITER, matchKey: '' },
    ...{ score: of.scores[number] as number, delta: undefined, seq, at },
  };
}

function look(ticks: number, redisPid: number) {
  const { user, system } = process.cpuUsage();
  return { at: performance.now(), ticks, own: user + system, redis: mainThreadUs(redisPid) };
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export type DriverMethods = typeof methods;
