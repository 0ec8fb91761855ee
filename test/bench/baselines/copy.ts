/** Baseline: COPY of ready-made text into a table like the snapshot's. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import postgres from 'postgres';
import { serve } from '../served.ts';

/** Lines in one write to the socket. */
const LINES = 5_000;

let sql: postgres.Sql | undefined;
let parts: Buffer[] = [];
let rows = 0;

export const methods = serve({
  /** Takes the season's snapshot as the rows to copy, and makes an empty table of the same shape and index. */
  async prepare({ databaseUrl, season }: { databaseUrl: string; season: string }): Promise<number> {
    sql = postgres(databaseUrl, { max: 1, onnotice: () => undefined });
    await sql`drop table if exists bench_copy`;
    await sql`create table bench_copy (like snapshot_entries including all)`;
    // Its connection is thrown away: postgres.js 3.4.9 may leave one paused after a COPY to it, and all that is asked later is never heard.
    const reader = postgres(databaseUrl, { max: 1, onnotice: () => undefined });
    const source = await reader
      .unsafe(`copy (select * from snapshot_entries where season = '${season}' order by player) to stdout`)
      .readable();
    const chunks: Buffer[] = [];
    for await (const chunk of source) chunks.push(chunk as Buffer);
    await reader.end({ timeout: 1 });
    const lines = Buffer.concat(chunks)
      .toString()
      .split(/(?<=\n)/);
    rows = lines.length;
    parts = [];
    for (let first = 0; first < rows; first += LINES)
      parts.push(Buffer.from(lines.slice(first, first + LINES).join('')));
    return rows;
  },

  async run(_: object): Promise<{ perSecond: number; us: number }> {
    if (!sql) throw new Error('not prepared');
    await sql`truncate bench_copy`;
    const [startedAt, cpu] = [performance.now(), process.cpuUsage()];
    const target = await sql.unsafe('copy bench_copy from stdin').writable();
    await pipeline(Readable.from(parts), target);
    const ms = performance.now() - startedAt;
    const { user, system } = process.cpuUsage(cpu);
    const [row] = await sql<{ count: string }[]>`select count(*) as count from bench_copy`;
    if (Number(row?.count) !== rows) throw new Error(`${row?.count} of ${rows} rows were copied`);
    return { perSecond: (rows * 1_000) / ms, us: (user + system) / rows };
  },
});

export type CopyMethods = typeof methods;
