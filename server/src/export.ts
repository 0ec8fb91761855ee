/** Command: writes all entries of a season, as of one moment, to a file, and prints its hash.
 *
 *    npm run export -- --season ID --out FILE [--format csv|ndjson] [--from settled|snapshot|finals] */
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { ConfigError, loadStoresConfig, type StoresConfig } from './config.ts';
import type { Log } from './observe/log.ts';
import { PostgresBoardStore } from './postgres/board-store.ts';
import { openPostgres } from './postgres/connections.ts';
import { PostgresExportStore } from './postgres/export-store.ts';
import { EXPORT_FORMATS, type ExportFormat } from './season/export-format.ts';
import { EXPORT_SOURCES, type ExportSource } from './season/export-store.ts';
import { type Export, SeasonExports } from './season/season-export.ts';

const USAGE = `usage: npm run --silent export -- --season ID --out FILE [--format csv|ndjson] [--from settled|snapshot|finals]

  --season  the season to export
  --out     the file to write; it is there whole, or not at all
  --format  ndjson (the default) for programs, csv for spreadsheets
  --from    settled where there is a settlement, else snapshot, when left out

Prints rows, bytes and the SHA-256 of the file. DATABASE_URL must be in the environment, REDIS_URL too.`;

interface Options {
  season: string;
  out: string;
  format: ExportFormat;
  from: ExportSource | undefined;
}

/** What the caller typed is wrong, or names nothing; the message says how to right it. */
class UsageError extends Error {}

function optionsOf(args: string[]): Options {
  const string = { type: 'string' } as const;
  let values: { season?: string; out?: string; format?: string; from?: string };
  try {
    ({ values } = parseArgs({
      args,
      options: { season: string, out: string, format: string, from: string },
    }));
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  const { season, out, format = 'ndjson', from } = values;
  if (!season) throw new UsageError('--season: missing; name a season');
  if (!out) throw new UsageError('--out: missing; name a file');
  const known = <T extends string>(name: string, value: string, all: readonly T[]): T => {
    const found = all.find((each) => each === value);
    if (found === undefined)
      throw new UsageError(`--${name}: must be one of ${all.join(', ')}, not ${value}`);
    return found;
  };
  return {
    ...{ season, out, format: known('format', format, EXPORT_FORMATS) },
    from: from === undefined ? undefined : known('from', from, EXPORT_SOURCES),
  };
}

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };

async function exportSeason(
  config: StoresConfig,
  { season: id, out, format, from }: Options,
): Promise<Export> {
  const postgres = openPostgres({
    ...{ url: config.databaseUrl, max: 1, statementTimeoutMs: config.databaseTimeoutMs },
    ...{ name: 'photofinish-export', log: quiet },
  });
  try {
    const boards = new PostgresBoardStore(postgres);
    const season = await boards.findSeason(id);
    if (!season) throw new UsageError(`--season: there is no season ${id}; name an existing one`);
    const stored = await boards.findBoard(season.board);
    if (!stored) throw new Error(`season ${id} has no board`);
    const exports = new SeasonExports(new PostgresExportStore(config.databaseUrl));
    const exported = await exports.begin({ season, board: stored.board, format, source: from });
    const part = `${out}.part`;
    try {
      await pipeline(Readable.from(exported.body()), createWriteStream(part));
      await rename(part, out);
    } finally {
      await exported.close();
      await rm(part, { force: true });
    }
    return exported;
  } finally {
    await postgres.close();
  }
}

async function main(args: string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(USAGE);
    return 0;
  }
  try {
    const options = optionsOf(args);
    const { rows, bytes, sha256, source } = await exportSeason(loadStoresConfig(process.env), options);
    console.log(`${sha256}  ${options.out}\n${rows} rows, ${bytes} bytes, from ${source}`);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) console.error(`${error.message}\n\n${USAGE}`);
    else if (error instanceof ConfigError) console.error(error.message);
    // The message only: the error of a driver may carry the address with its password.
    else console.error(`Not exported: ${error instanceof Error ? error.message : 'unknown error'}`);
    return 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
