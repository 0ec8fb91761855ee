/** Two designs of the dirty queue that are known to lose scores, as mutants: a check that does not find them guilty proves nothing.
 *
 *  spop   takes players out of the dirty set and then writes them: a crash in between loses them
 *  srem   writes what is dirty and then takes it out of the set: a change in between loses its mark, without any crash */
import type { ClaimPage, ClaimResult, EntryRecord } from '../../../server/src/flush/dirty-queue.ts';
import { Crash, type MemoryRedis } from './memory-ports.ts';
import type { Queue } from './stepped-flusher.ts';

export type Guilt = 'spop' | 'srem';

export function guiltyQueue(guilt: Guilt, redis: MemoryRedis): Queue {
  return {
    claim: async (): Promise<ClaimResult> => {
      if (redis.cold) return { kind: 'cold' };
      const { epoch, version } = redis;
      const claim = { epoch, flushNo: redis.flushNo };
      return { kind: 'ok', epoch, version, claim, players: redis.dirty.size, dirtySince: undefined };
    },
    page: async (_, cursor, count): Promise<ClaimPage> => {
      if (redis.cold) throw new Crash('the season left memory');
      const waiting = [...redis.dirty].sort().filter((player) => cursor === '0' || player > cursor);
      const taken = waiting.slice(0, count);
      if (guilt === 'spop') for (const player of taken) redis.dirty.delete(player);
      const records: EntryRecord[] = taken.flatMap((player) => redis.entries.get(player) ?? []);
      const next = waiting.length > count ? (taken.at(-1) ?? '0') : '0';
      return { records: structuredClone(records), cursor: next };
    },
    ack: async (_, __, players) => {
      if (guilt === 'srem') for (const player of players) redis.dirty.delete(player);
    },
  };
}
