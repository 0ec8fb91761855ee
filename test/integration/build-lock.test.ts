/** Two servers' builders of one season, on a real Redis and a real Postgres. */
import { nanoid } from 'nanoid';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { LiveSeason } from '../../server/src/board/live-board.ts';
import type { SnapshotStore } from '../../server/src/flush/snapshot-store.ts';
import { Warmer } from '../../server/src/flush/warmer.ts';
import { PostgresHidingStore } from '../../server/src/postgres/hiding-store.ts';
import { seasonKeys } from '../../server/src/redis/keys.ts';
import { RedisLiveBuilder } from '../../server/src/redis/live-builder.ts';
import { until } from '../support/condition.ts';
import { madeBoard, silentLog, T0, type TestDatabase, testDatabase } from './postgres/database.ts';
import { openPorts, type Ports } from './redis/live-season.ts';

let db: TestDatabase;
let [mine, theirs]: Ports[] = [];
beforeAll(async () => {
  db = await testDatabase();
  [mine, theirs] = await Promise.all([openPorts(inject('redisUrl')), openPorts(inject('redisUrl'))]);
});
afterAll(async () => {
  for (const ports of [mine, theirs]) ports?.close();
  await db.close();
});

/** A gate in the middle of a build: `reached` when a builder stands before it. */
function gate() {
  let reach = () => {};
  let open = () => {};
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const opened = new Promise<void>((resolve) => (open = resolve));
  const load: SnapshotStore['load'] = async function* (season, count) {
    reach();
    await opened;
    yield* db.snapshot.load(season, count);
  };
  return { load, reached, open: () => open() };
}

interface Build {
  load?: SnapshotStore['load'];
  builder?: RedisLiveBuilder;
  deadlineMs?: number;
}

const warmerOn = (ports: Ports, { load, builder = ports.builder, deadlineMs = 10_000 }: Build = {}): Warmer =>
  new Warmer({
    builder,
    store: {
      epoch: (id) => db.snapshot.epoch(id),
      raiseEpoch: (id, from) => db.snapshot.raiseEpoch(id, from),
      load: load ?? ((season, count) => db.snapshot.load(season, count)),
    },
    hiding: new PostgresHidingStore(db.postgres),
    seasonOf: async (id) => {
      const season = await db.boards.findSeason(id);
      if (!season) throw new Error(`no season ${id}`);
      return season;
    },
    log: silentLog,
    deadlineMs,
  });

async function coldSeason(): Promise<LiveSeason> {
  const board = await madeBoard(db, { kind: 'open' });
  const season = { id: nanoid(), board };
  await db.boards.openSeason({ id: season.id, board: board.id, at: T0, by: 'tester' });
  return season;
}

const both = (): [Ports, Ports] => {
  if (!mine || !theirs) throw new Error('not open yet');
  return [mine, theirs];
};

test('[WB8] a builder that lost Redis in the middle does not keep the season from another server', async () => {
  const [, other] = both();
  const lost = await openPorts(inject('redisUrl'));
  const season = await coldSeason();
  const { load, reached, open } = gate();
  const build = warmerOn(lost, { load, deadlineMs: 1 }).warm(season);
  build.catch(() => undefined);
  await reached;
  lost.close();
  await warmerOn(other, { deadlineMs: 5_000 }).warm(season);
  expect(await other.builder.isWarm(season)).toBe(true);
  open();
  await expect(build).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  const epoch = await db.snapshot.epoch(season.id);
  expect(await other.live.window(season), 'the later builder').toMatchObject({ kind: 'ok', epoch });
});

test('[WB8] a server that did not hear that it has the lock, or that it gave it back, goes on at once', async () => {
  const [ports] = both();
  class Deaf extends RedisLiveBuilder {
    deafTo: 'lock' | 'unlock' | undefined;
    override async lock(...args: Parameters<RedisLiveBuilder['lock']>): Promise<boolean> {
      const held = await super.lock(...args);
      this.#fail('lock');
      return held;
    }
    override async unlock(...args: Parameters<RedisLiveBuilder['unlock']>): Promise<void> {
      if (this.deafTo !== 'unlock') return super.unlock(...args);
      this.#fail('unlock');
    }
    #fail(call: 'lock' | 'unlock'): void {
      if (this.deafTo !== call) return;
      this.deafTo = undefined;
      throw new Error('no answer');
    }
  }
  const builder = new Deaf(ports.redis);
  const warmer = warmerOn(ports, { builder, deadlineMs: 1_000 });
  const season = await coldSeason();
  builder.deafTo = 'lock';
  await expect(warmer.warm(season)).rejects.toThrow('no answer');
  await warmer.warm(season);
  const before = await db.snapshot.epoch(season.id);
  builder.deafTo = 'unlock';
  await warmer.heal(season, { epoch: before });
  expect(await ports.live.window(season)).toMatchObject({ kind: 'ok', epoch: before + 1 });
});

test('[WB9] a builder that is slow keeps its lock, and others wait for it', async () => {
  const [ports, other] = both();
  const season = await coldSeason();
  const before = await db.snapshot.epoch(season.id);
  const { load, reached, open } = gate();
  const slow = warmerOn(ports, { load }).warm(season);
  await reached;
  const quick = warmerOn(other).warm(season);
  const { builder: lock } = seasonKeys(season);
  let leftMs = Number.POSITIVE_INFINITY;
  await until('prolonged', async () => {
    const [beforeMs, nowMs] = [leftMs, await other.redis.pttl(lock)];
    leftMs = nowMs;
    return nowMs > beforeMs;
  });
  open();
  await Promise.all([slow, quick]);
  expect(await db.snapshot.epoch(season.id), 'built once').toBe(before + 1);
  expect(await other.redis.exists(lock), 'given back').toBe(0);
});
