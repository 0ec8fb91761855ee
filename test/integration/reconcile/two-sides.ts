/** One season in a real Redis and a real Postgres, with the parts that write to both and those that compare them. */
import type { BoardInput } from '@photofinish/shared/domain/board';
import { nanoid } from 'nanoid';
import { inject } from 'vitest';
import type { LiveSeason } from '../../../server/src/board/live-board.ts';
import { flushPass } from '../../../server/src/flush/flush-pass.ts';
import { Reconciling } from '../../../server/src/flush/reconcile.ts';
import { Warmer } from '../../../server/src/flush/warmer.ts';
import { PostgresHidingStore } from '../../../server/src/postgres/hiding-store.ts';
import { PostgresSnapshotScan } from '../../../server/src/postgres/snapshot-scan.ts';
import { RedisLiveScan } from '../../../server/src/redis/live-scan.ts';
import { madeBoard, silentLog, type TestDatabase, testDatabase } from '../postgres/database.ts';
import { entriesInRedis, openPorts, type Ports, T0, taken, tickOf } from '../redis/live-season.ts';

export interface TwoSides {
  db: TestDatabase;
  ports: Ports;
  warmer: Warmer;
  parts: { live: RedisLiveScan; snapshot: PostgresSnapshotScan; clock: () => number };
  close(): Promise<void>;
}

export async function twoSides(): Promise<TwoSides> {
  const db = await testDatabase();
  const ports = await openPorts(inject('redisUrl'));
  return {
    db,
    ports,
    warmer: new Warmer({
      builder: ports.builder,
      store: db.snapshot,
      hiding: new PostgresHidingStore(db.postgres),
      seasonOf: async (id) => {
        const season = await db.boards.findSeason(id);
        if (!season) throw new Error(`no season ${id}`);
        return season;
      },
      log: silentLog,
      deadlineMs: 10_000,
    }),
    parts: {
      live: new RedisLiveScan(ports.redis),
      snapshot: new PostgresSnapshotScan(db.postgres),
      clock: () => T0,
    },
    close: async () => {
      ports.close();
      await db.close();
    },
  };
}

/** A warm season of `players` entries, all flushed. */
export async function flushedSeason(
  sides: TwoSides,
  players: number,
  rules: Partial<BoardInput> = { kind: 'open' },
): Promise<LiveSeason> {
  const board = await madeBoard(sides.db, rules);
  const season = { id: nanoid(), board };
  await sides.db.boards.openSeason({ id: season.id, board: board.id, at: T0, by: 'tester' });
  await sides.warmer.warm(season);
  for (let first = 0; first < players; first += 500)
    taken(
      await sides.ports.live.tick(
        season,
        Array.from({ length: Math.min(500, players - first) }, (_, i) =>
          tickOf(`p${first + i}`, first + i + 1, { at: T0 + first + i, matchKey: keyOf(season) }),
        ),
      ),
    );
  await flush(sides, season);
  return season;
}

/** Ticks of match boards name some match; the live side does not ask which. */
export const keyOf = (season: LiveSeason): string => (season.board.kind === 'match' ? '00000001m' : '');

export const flush = ({ ports, db }: TwoSides, season: LiveSeason) =>
  flushPass({ queue: ports.queue, store: db.snapshot, clock: () => T0 }, season);

export async function reconcile({ parts }: TwoSides, season: LiveSeason, how = { repair: true }) {
  const pass = new Reconciling(season, parts, how);
  while (await pass.step());
  return { ...pass.found, drifted: pass.drifted };
}

/** Both sides whole: player -> what both must say. */
export async function sidesOf({ ports, db }: TwoSides, season: LiveSeason) {
  const live = (await entriesInRedis(ports, season)).map(
    (entry) => [entry.player, entry.score, entry.achievedAt, entry.finals] as const,
  );
  const rows = await db.sql`
    select player, score, achieved_at, finals from snapshot_entries where season = ${season.id}`;
  const byPlayer = (a: readonly unknown[], b: readonly unknown[]) => (String(a[0]) < String(b[0]) ? -1 : 1);
  return {
    live: live.sort(byPlayer),
    stored: rows
      .map(
        (row) =>
          [row['player'], Number(row['score']), Number(row['achieved_at']), Number(row['finals'])] as const,
      )
      .sort(byPlayer),
  };
}
