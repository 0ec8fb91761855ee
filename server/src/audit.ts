/** Command: compares a season in Redis with its snapshot now, beside running servers, and prints the difference.
 *
 *    npm run audit -- --season ID [--json] [--repair] */
import { parseArgs } from 'node:util';
import { ConfigError, loadStoresConfig, type StoresConfig } from './config.ts';
import { type Comparison, DRIFT_KINDS, Reconciling } from './flush/reconcile.ts';
import type { Log } from './observe/log.ts';
import { PostgresBoardStore } from './postgres/board-store.ts';
import { openPostgres } from './postgres/connections.ts';
import { PostgresSnapshotScan } from './postgres/snapshot-scan.ts';
import { openRedis, redisReady } from './redis/connections.ts';
import { RedisLiveScan } from './redis/live-scan.ts';

const USAGE = `usage: npm run --silent audit -- --season ID [--json] [--repair]

  --season  the season to compare
  --json    one JSON document in place of the table
  --repair  also sets right what differs, by marking entries dirty and merging

Entries that a flush has yet to write are left out. DATABASE_URL and REDIS_URL must be in the environment.
Exits 0 when nothing differs, 1 when something does (repaired or not), 2 when it could not be compared.`;

const READY_MS = 10_000;
const SHOWN_MAX = 20;
/** A season that begins another epoch while it is compared is begun anew. */
const TRIES = 3;

interface Options {
  season: string;
  json: boolean;
  repair: boolean;
}

type Audit = Comparison & { season: string; board: string; state: string; drifted: number };

/** What the caller typed is wrong, or names nothing; the message says how to right it. */
class UsageError extends Error {}

function optionsOf(args: string[]): Options {
  let values: { season?: string; json?: boolean; repair?: boolean };
  try {
    ({ values } = parseArgs({
      args,
      options: { season: { type: 'string' }, json: { type: 'boolean' }, repair: { type: 'boolean' } },
    }));
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  if (!values.season) throw new UsageError('--season: missing; name a season');
  return { season: values.season, json: values.json ?? false, repair: values.repair ?? false };
}

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };

async function audit(config: StoresConfig, { season: id, repair }: Options): Promise<Audit> {
  const redis = openRedis({
    url: config.redisUrl,
    commandTimeoutMs: config.redisTimeoutMs,
    name: 'audit',
    log: quiet,
  });
  const postgres = openPostgres({
    ...{ url: config.databaseUrl, max: 2, statementTimeoutMs: config.databaseTimeoutMs },
    ...{ name: 'photofinish-audit', log: quiet },
  });
  try {
    await redisReady(redis, READY_MS);
    const boards = new PostgresBoardStore(postgres);
    const season = await boards.findSeason(id);
    if (!season) throw new UsageError(`--season: there is no season ${id}; name an existing one`);
    const { board } = (await boards.findBoard(season.board)) ?? {};
    if (!board) throw new Error(`season ${id} has no board`);
    const parts = {
      live: new RedisLiveScan(redis),
      snapshot: new PostgresSnapshotScan(postgres),
      clock: Date.now,
    };
    for (let tries = 1; ; tries++) {
      const pass = new Reconciling({ id, board }, parts, { repair });
      while (await pass.step()) showProgress(pass);
      clearProgress();
      if (pass.found.kind !== 'moved' || tries === TRIES)
        return { season: id, board: board.id, state: season.state, drifted: pass.drifted, ...pass.found };
    }
  } finally {
    redis.disconnect();
    await postgres.close();
  }
}

const BAR = 30;

/** Once over the entries, once over the rows. */
function showProgress({ found, size }: Reconciling): void {
  if (!process.stderr.isTTY) return;
  const share = Math.min(1, (found.entries + found.leftOut + found.rows) / Math.max(1, 2 * size));
  const done = Math.round(share * BAR);
  process.stderr.write(
    `\r${'█'.repeat(done)}${'░'.repeat(BAR - done)} ${Math.round(share * 100)} %  ${found.entries} entries, ${found.rows} rows`,
  );
}

function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
}

function tableOf(found: Audit): string {
  const lines = [
    `season     ${found.season}, ${found.state}, of board ${found.board}`,
    `compared   ${found.entries} entries in Redis, ${found.rows} players in Postgres`,
    `left out   ${found.leftOut} entries that a flush has yet to write`,
    `drifted    ${found.drifted}`,
    ...DRIFT_KINDS.filter((kind) => found.counts[kind] > 0).map(
      (kind) => `  ${kind.padEnd(14)} ${found.counts[kind]}`,
    ),
    ...found.drift.slice(0, SHOWN_MAX).map(({ player, kind }) => `    ${player}  ${kind}`),
    `repaired   ${found.repaired}`,
  ];
  if (found.kind === 'cold') lines.push('The season is not in Redis: there is nothing to compare.');
  if (found.kind === 'moved') lines.push('The season keeps beginning other epochs: not compared to its end.');
  return lines.join('\n');
}

async function main(args: string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(USAGE);
    return 0;
  }
  try {
    const options = optionsOf(args);
    const found = await audit(loadStoresConfig(process.env), options);
    console.log(options.json ? JSON.stringify(found) : tableOf(found));
    if (found.kind === 'moved') return 2;
    return found.drifted > 0 ? 1 : 0;
  } catch (error) {
    clearProgress();
    if (error instanceof UsageError) console.error(`${error.message}\n\n${USAGE}`);
    else if (error instanceof ConfigError) console.error(error.message);
    // The message only: the error of a driver may carry the address with its password.
    else console.error(`Not compared: ${error instanceof Error ? error.message : 'unknown error'}`);
    return 2;
  }
}

process.exitCode = await main(process.argv.slice(2));
