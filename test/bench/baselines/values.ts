/** Baseline: multi-row VALUES with every value a parameter, as query builders send it. */
import postgres from 'postgres';
import { serve } from '../served.ts';

/** A statement takes at most 65,535 parameters. */
const PARAMETERS_MAX = 65_000;

let sql: postgres.Sql | undefined;
/** As it came from the database, and as it goes back. */
type Row = Record<string, string | number | boolean | null>;

let rows: Row[] = [];

export const methods = serve({
  /** Takes the season's snapshot as the rows to write, and makes an empty table of the same shape and index. */
  async prepare({ databaseUrl, season }: { databaseUrl: string; season: string }): Promise<number> {
    sql = postgres(databaseUrl, { max: 1, onnotice: () => undefined, types: { bigint: WHOLE } });
    await sql`drop table if exists bench_values`;
    await sql`create table bench_values (like snapshot_entries including all)`;
    rows = await sql<Row[]>`select * from snapshot_entries where season = ${season} order by player`;
    return rows.length;
  },

  async run(_: object): Promise<{ perSecond: number; us: number }> {
    if (!sql) throw new Error('not prepared');
    await sql`truncate bench_values`;
    const columns = Object.keys(rows[0] ?? {});
    const size = Math.floor(PARAMETERS_MAX / columns.length);
    const [startedAt, cpu] = [performance.now(), process.cpuUsage()];
    for (let first = 0; first < rows.length; first += size)
      await sql`insert into bench_values ${sql(rows.slice(first, first + size), columns)} on conflict do nothing`;
    const { user, system } = process.cpuUsage(cpu);
    const ms = performance.now() - startedAt;
    return { perSecond: (rows.length * 1_000) / ms, us: (user + system) / rows.length };
  },
});

const WHOLE = { to: 20, from: [20], serialize: String, parse: Number };

export type ValuesMethods = typeof methods;
