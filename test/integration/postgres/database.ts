/** A migrated database of one test file's own, with the stores over it. */
import { type Board, type BoardInput, boardSchema } from '@photofinish/shared/domain/board';
import postgres from 'postgres';
import { inject } from 'vitest';
import type { Match, Season } from '../../../server/src/board/board-store.ts';
import type { Log } from '../../../server/src/observe/log.ts';
import { PostgresBoardStore } from '../../../server/src/postgres/board-store.ts';
import { openPostgres, type Postgres } from '../../../server/src/postgres/connections.ts';
import { PostgresFinalsStore } from '../../../server/src/postgres/finals-store.ts';
import { migrate } from '../../../server/src/postgres/migrate.ts';
import { PostgresSettlementStore } from '../../../server/src/postgres/settlement-store.ts';
import { PostgresSnapshotStore } from '../../../server/src/postgres/snapshot-store.ts';
import { freshDatabase } from '../../support/services.ts';

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** 2026-03-01. Stores are told the time by their callers. */
export const T0 = 1_772_323_200_000;

export interface TestDatabase {
  url: string;
  postgres: Postgres;
  boards: PostgresBoardStore;
  finals: PostgresFinalsStore;
  snapshot: PostgresSnapshotStore;
  settlements: PostgresSettlementStore;
  /** A client that is not ours: int8 comes as text. */
  sql: postgres.Sql;
  close(): Promise<void>;
}

export const connect = (url: string, statementTimeoutMs = 10_000): Postgres =>
  openPostgres({ url, max: 4, statementTimeoutMs, name: 'photofinish-test', log: silentLog });

export async function testDatabase(): Promise<TestDatabase> {
  const database = await freshDatabase(inject('postgresUrl'));
  await migrate(database.url);
  const client = connect(database.url);
  const sql = postgres(database.url, { max: 4, onnotice: () => {} });
  return {
    url: database.url,
    postgres: client,
    boards: new PostgresBoardStore(client),
    finals: new PostgresFinalsStore(client),
    snapshot: new PostgresSnapshotStore(client),
    settlements: new PostgresSettlementStore(client),
    sql,
    close: async () => {
      await client.close();
      await sql.end();
      await database.drop();
    },
  };
}

let made = 0;

/** A board of its own, so that the tests of a file need not clean up. */
export async function madeBoard(db: TestDatabase, rules: Partial<BoardInput> = {}): Promise<Board> {
  made += 1;
  const board = boardSchema.parse({ id: `board-${made}`, title: `Board ${made}`, ...rules });
  await db.boards.createBoard(board, 'tester');
  return board;
}

export interface Arena {
  board: Board;
  season: Season;
  match: Match;
}

/** A board with an open season and a match in it. */
export async function madeArena(db: TestDatabase, rules: Partial<BoardInput> = {}): Promise<Arena> {
  const board = await madeBoard(db, rules);
  const season = await db.boards.openSeason({ id: `s-${board.id}`, board: board.id, at: T0, by: 'tester' });
  return { board, season, match: await madeMatch(db, board, 1) };
}

export const madeMatch = (db: TestDatabase, board: Board, n: number): Promise<Match> =>
  db.boards.startMatch({ id: `m${n}-${board.id}`, board: board.id, at: T0 + n * 1_000 });
