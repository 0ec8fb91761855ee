/** The databases that every other test relies on. */
import postgres from 'postgres';
import { describe, expect, inject, it } from 'vitest';
import { cleanup, postgresKind, redisKind, withRedis, withSql } from '../support/local-kinds.ts';
import { freshDatabase, freshPostgres, freshRedis } from '../support/services.ts';

describe('the services of a test', () => {
  it('[LO10] the run has a PostgreSQL and a Redis, and a fresh database is empty and droppable while in use', async () => {
    const database = await freshDatabase(inject('postgresUrl'));
    const sql = postgres(database.url, { max: 1, onnotice: () => {} });
    try {
      const tables = await sql`select 1 from information_schema.tables where table_schema = 'public'`;
      expect(tables.length).toBe(0);
      await database.drop();
      await expect(sql`select 1`).rejects.toThrow();
    } finally {
      await sql.end({ timeout: 1 });
    }
    expect(await withRedis(inject('redisUrl'), (redis) => redis.ping())).toBe('PONG');
  });

  it('[LO10] a fresh database sorts text by language unless told, so a forgotten COLLATE "C" shows', async () => {
    const database = cleanup(await freshDatabase(inject('postgresUrl')), ({ drop }) => drop());
    const sorted = await withSql(
      database.url,
      (sql) => sql`select array_agg(id order by id) as plain, array_agg(id order by id collate "C") as bytes
        from unnest(array['b', 'A', 'a', 'B', '_']) as id`,
    );
    expect(sorted[0]).toEqual({ plain: ['_', 'a', 'A', 'b', 'B'], bytes: ['A', 'B', '_', 'a', 'b'] });
  });

  it.each([
    ['freshRedis', freshRedis, redisKind],
    ['freshPostgres', freshPostgres, postgresKind],
  ] as const)('[LO10] %s keeps address and data over kill -9 and restart', async (_name, fresh, kind) => {
    const service = cleanup(await fresh(), ({ remove }) => remove());
    await kind.write(service.url, 'acked');
    const { url, pid } = service;
    await service.kill();
    await expect(kind.read(url)).rejects.toThrow();
    await service.restart();
    expect(service.url).toBe(url);
    expect(service.pid).not.toBe(pid);
    expect(await kind.read(url)).toEqual(['acked']);
    await service.restart();
    expect(await kind.read(url)).toEqual(['acked']);
  });
});
