/** What is done to the world, at random: three hands that work at the same time, one on the databases, one on the servers, one on the
 *  network. Each goes through a shuffled bag of its faults, so that every kind comes up in every run. */
import { setTimeout as delay } from 'node:timers/promises';
import { PENDING_PREFIX } from '../../server/src/postgres/queries/insert-pending-finals.ts';
import { freeze } from '../support/process-group.ts';
import type { Chance } from './chance.ts';
import { empty, whileServersLive } from './servers-live.ts';
import type { World } from './world.ts';

export interface Tally {
  redis: number;
  server: number;
  postgresStops: number;
  replyDrops: number;
  /** FLUSHALL under load. */
  emptied: number;
  /** SIGSTOP of a server or a database. */
  pauses: number;
  cuts: number;
}

type Fault = (world: World, chance: Chance, tally: Tally) => Promise<void>;

/** Around the servers' own time limits, so that some pauses end before and some after. */
const PAUSE_MS = { min: 200, max: 2_200 };
const OUTAGE_MS = { min: 100, max: 1_500 };
const REST_MS = { min: 150, max: 900 };

const within = (chance: Chance, { min, max }: { min: number; max: number }): Promise<void> =>
  delay(chance.between(min, max));

async function pause(pid: number | undefined, chance: Chance, tally: Tally): Promise<void> {
  if (pid === undefined) return;
  tally.pauses++;
  const goOn = freeze(pid);
  await within(chance, PAUSE_MS);
  goOn();
}

const killRedis: Fault = async (world, chance, tally) => {
  const killed = async () => {
    tally.redis++;
    await world.redis.kill();
    await within(chance, OUTAGE_MS);
    await world.redis.restart();
  };
  // What the file lacks by a last second, only the servers that answered still know.
  if (world.fsync === 'everysec') await whileServersLive(world, killed);
  else await killed();
};

const emptyRedis: Fault = (world, _, tally) =>
  whileServersLive(world, async () => {
    tally.emptied++;
    await empty(world.redis.url);
  });

const stopPostgres: Fault = async ({ postgres }, chance, tally) => {
  tally.postgresStops++;
  await postgres.stop();
  await within(chance, OUTAGE_MS);
  await postgres.restart();
};

const killPostgres: Fault = async ({ postgres }, chance, tally) => {
  tally.postgresStops++;
  await postgres.kill();
  await within(chance, OUTAGE_MS);
  await postgres.restart();
};

const DATABASES: readonly Fault[] = [
  killRedis,
  killRedis,
  emptyRedis,
  emptyRedis,
  (world, chance, tally) => pause(world.redis.pid, chance, tally),
  stopPostgres,
  killPostgres,
  (world, chance, tally) => pause(world.postgres.pid, chance, tally),
];

const killServer =
  (which: 0 | 1): Fault =>
  async ({ seats, serversLive }, chance, tally) => {
    await serversLive.alone(() => {
      tally.server++;
      return seats[which].kill();
    });
    await within(chance, OUTAGE_MS);
    await seats[which].up();
  };

const SERVERS: readonly Fault[] = [
  killServer(0),
  killServer(1),
  ({ seats }, chance, tally) => pause(seats[0].pid, chance, tally),
  ({ seats }, chance, tally) => pause(seats[1].pid, chance, tally),
];

/** `commit` is the word of Postgres' transactions but for those of finals, EVALSHA the command of every script. */
const loseReplies =
  (which: 'redisProxy' | 'postgresProxy', text: string): Fault =>
  async (world, chance, tally) => {
    const proxy = world[which];
    const before = proxy.lostReplies;
    proxy.loseReply(text, chance.between(1, 5));
    // While the database behind it is down no request comes through.
    for (let waits = 0; waits < 20 && proxy.lostReplies === before; waits++) await delay(100);
    await delay(100);
    proxy.heal();
    tally.replyDrops += proxy.lostReplies - before;
  };

const slow =
  (which: 'redisProxy' | 'postgresProxy', ms: number): Fault =>
  async (world, chance) => {
    world[which].delay(ms);
    await within(chance, PAUSE_MS);
    world[which].heal();
  };

const cut =
  (which: 'redisProxy' | 'postgresProxy'): Fault =>
  async (world, _, tally) => {
    tally.cuts++;
    world[which].cut();
  };

const halfOpen =
  (which: 'redisProxy' | 'postgresProxy'): Fault =>
  async (world, chance) => {
    world[which].halfOpen();
    await within(chance, OUTAGE_MS);
    world[which].heal();
  };

const NETWORK: readonly Fault[] = (['redisProxy', 'postgresProxy'] as const).flatMap((which) => [
  loseReplies(which, which === 'redisProxy' ? 'EVALSHA' : 'commit'),
  loseReplies(which, which === 'redisProxy' ? 'EVALSHA' : PENDING_PREFIX),
  slow(which, 30),
  slow(which, 250),
  cut(which),
  halfOpen(which),
]);

async function hand(faults: readonly Fault[], world: World, chance: Chance, tally: Tally, until: number) {
  for (;;)
    for (const fault of chance.shuffled(faults)) {
      await within(chance, REST_MS);
      if (performance.now() >= until) return;
      await fault(world, chance, tally);
    }
}

/** `spareRedis`: it is paused and cut off, and neither killed nor emptied.
 *  Until the time is up; then everything runs again and nothing is held back. */
export async function torture(
  world: World,
  chance: Chance,
  { until, spareRedis }: { until: number; spareRedis: boolean },
): Promise<Tally> {
  const databases = DATABASES.filter((fault) => !spareRedis || (fault !== killRedis && fault !== emptyRedis));
  const tally: Tally = {
    ...{ redis: 0, emptied: 0, server: 0, postgresStops: 0, replyDrops: 0 },
    ...{ pauses: 0, cuts: 0 },
  };
  await Promise.all(
    [databases, SERVERS, NETWORK].map((faults) => hand(faults, world, chance.fork(), tally, until)),
  );
  for (const proxy of [world.redisProxy, world.postgresProxy]) proxy.heal();
  await Promise.all(world.seats.map((seat) => seat.up()));
  return tally;
}
