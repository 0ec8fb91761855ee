/** The ratios that the bench measures: what each one is, and what it must reach. The one list of their names. */

export const RATIO_NAMES = [
  'ack.single',
  'ack.frame16',
  'ack.tutorial',
  'ack.writethrough',
  'ack.p99',
  'redis.ticks',
  'redis.growth',
  'redis.bytes',
  'flush.rows',
  'flush.cpu',
  'finals.rate',
  'fanout',
  'idle.bytes',
  'rebuild',
  'settle',
] as const;

export type RatioName = (typeof RATIO_NAMES)[number];

export interface Goal {
  /** `least`: the ratio must be at least the goal; `most`: at most. */
  bound: 'least' | 'most';
  goal: number;
  ours: string;
  base: string;
}

export const GOALS: Readonly<Record<RatioName, Goal>> = {
  'ack.single': {
    ...{ bound: 'least', goal: 0.9 },
    ours: 'acked ticks/s, one tick per frame',
    base: 'messages/s of a bare `ws` echo',
  },
  'ack.frame16': {
    ...{ bound: 'least', goal: 4 },
    ours: 'acked ticks/s, 16 ticks per frame',
    base: 'messages/s of a bare `ws` echo',
  },
  'ack.tutorial': {
    ...{ bound: 'least', goal: 2.5 },
    ours: 'acked ticks/s, one tick per frame',
    base: 'acked ticks/s of the tutorial server: `await zadd`, `await zrevrank`',
  },
  'ack.writethrough': {
    ...{ bound: 'least', goal: 8 },
    ours: 'acked ticks/s, one tick per frame',
    base: 'acked ticks/s of the write-through server: `await` one upsert per tick',
  },
  'ack.p99': {
    ...{ bound: 'most', goal: 1.5 },
    ours: 'p99 from the intended send time to the ack, at half of the knee',
    base: 'p99 of a bare `ws` echo at the same rate',
  },
  'redis.ticks': {
    ...{ bound: 'least', goal: 0.6 },
    ours: 'ticks/s applied by the full script, each with score and rank',
    base: 'ZADD/s of `redis-benchmark -t zadd -r 100000 -P 16`',
  },
  'redis.growth': {
    ...{ bound: 'most', goal: 1.5 },
    ours: 'Redis CPU per tick in the large season',
    base: 'Redis CPU per tick in a season of 10,000 entries',
  },
  'redis.bytes': {
    ...{ bound: 'most', goal: 2.5 },
    ours: 'bytes per entry, all keys of the season',
    base: 'bytes per entry of a plain ZSET of the same players',
  },
  'flush.rows': {
    ...{ bound: 'least', goal: 0.6 },
    ours: 'rows/s from dirty in Redis to committed in Postgres',
    base: 'rows/s of COPY of the same rows into a table with the same index',
  },
  'flush.cpu': {
    ...{ bound: 'most', goal: 0.4 },
    ours: 'CPU of the server per flushed row',
    base: 'CPU of a Node process per row of a multi-row VALUES statement',
  },
  'finals.rate': {
    ...{ bound: 'least', goal: 2 },
    ours: 'acked finals/s, 64 in flight',
    base: 'prepared single-row upserts/s, 64 in flight on 10 connections',
  },
  fanout: {
    ...{ bound: 'least', goal: 1.2 },
    ours: 'board deliveries per second of server CPU, 1,000 subscribers',
    base: 'deliveries per second of CPU of a loop of `ws.send` with one string of that length',
  },
  'idle.bytes': {
    ...{ bound: 'most', goal: 1.5 },
    ours: 'memory of the server per idle session',
    base: 'memory per idle connection of a bare `ws` server',
  },
  rebuild: {
    ...{ bound: 'least', goal: 0.4 },
    ours: 'entries/s from Postgres to a warm season',
    base: 'entries/s of pipelined ZADD',
  },
  settle: {
    ...{ bound: 'most', goal: 1.5 },
    ours: 'time to settle a season of finals',
    base: 'time of the bare `INSERT … SELECT … row_number()` on one connection',
  },
};

export const isRatioName = (name: string): name is RatioName =>
  (RATIO_NAMES as readonly string[]).includes(name);

export const meets = (name: RatioName, ratio: number): boolean => {
  const { bound, goal } = GOALS[name];
  return bound === 'least' ? ratio >= goal : ratio <= goal;
};
