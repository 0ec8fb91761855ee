/** Moves planned ends of seasons: a schedule's boundaries are a minute apart at least, and no test waits that long. */
import postgres from 'postgres';

/** Sets when the open season of the board ends, in milliseconds from now; the past is as if no server had seen it. */
export async function setBoundary(databaseUrl: string, board: string, inMs: number): Promise<number> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => undefined });
  try {
    const [row] = await sql`
      select floor(extract(epoch from clock_timestamp()) * 1000)::bigint + ${inMs}::bigint as at`;
    const at = Number(row?.['at']);
    await sql.begin(async (transaction) => {
      await transaction`update boards set boundary_at = ${at} where id = ${board}`;
      await transaction`update seasons set ends_at = ${at} where board = ${board} and state = 'open'`;
    });
    return at;
  } finally {
    await sql.end();
  }
}

export async function seasonEvents(databaseUrl: string, board: string): Promise<string[]> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => undefined });
  try {
    const rows = await sql`
      select s.number, e.type from season_events e join seasons s on s.id = e.season
      where s.board = ${board} order by s.number, e.at, e.type desc`;
    return rows.map((row) => `${row['number']} ${row['type']}`);
  } finally {
    await sql.end();
  }
}
