/** Command: what the boards file would change, and changing it, beside running servers.
 *
 *    npm run boards -- --plan [--file boards.json] [--json]
 *    npm run boards -- --apply [--file boards.json] [--json] */
import { parseArgs } from 'node:util';
import { BoardAdmin } from './board/board-admin.ts';
import { applyBoards, type BoardOutcome, type DeclaredBoard, planBoards } from './board/board-plan.ts';
import { Catalogue } from './board/catalogue.ts';
import { TickAcks } from './board/tick-acks.ts';
import { readBoardsFile } from './boards-file.ts';
import { ConfigError, loadBoardsConfig, type StoresConfig } from './config.ts';
import type { Log } from './observe/log.ts';
import { PostgresBoardStore } from './postgres/board-store.ts';
import { openPostgres } from './postgres/connections.ts';
import { RedisAckProver } from './redis/ack-prover.ts';
import { openRedis, redisReady } from './redis/connections.ts';

const USAGE = `usage: npm run --silent boards -- --plan | --apply [--file PATH] [--json]

  --plan   print what the file would change, and change nothing
  --apply  change it; running servers follow within a second or so
  --file   the boards file; BOARDS_FILE, or else boards.json, when left out
  --json   one JSON document in place of the table

What the file names of a board holds; what it leaves out stays as it is. Boards that it does not name are listed and left.
DATABASE_URL and REDIS_URL must be in the environment.
Exits 0 when nothing is refused, 1 when a board is, 2 when it could not be planned or applied.`;

const READY_MS = 10_000;
/** In the audit log. */
const BY = 'boards-command';

interface Options {
  file: string | undefined;
  apply: boolean;
  json: boolean;
}

/** What the caller typed is wrong; the message says how to right it. */
class UsageError extends Error {}

function optionsOf(args: string[]): Options {
  let values: { plan?: boolean; apply?: boolean; file?: string; json?: boolean };
  try {
    ({ values } = parseArgs({
      args,
      options: {
        plan: { type: 'boolean' },
        apply: { type: 'boolean' },
        file: { type: 'string' },
        json: { type: 'boolean' },
      },
    }));
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  const { plan = false, apply = false, file, json = false } = values;
  if (plan === apply) throw new UsageError('--plan, --apply: name one of the two');
  return { file, apply, json };
}

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };

async function run(config: StoresConfig, declared: DeclaredBoard[], apply: boolean): Promise<BoardOutcome[]> {
  const { redisUrl: url, redisTimeoutMs: commandTimeoutMs } = config;
  const redis = openRedis({ url, commandTimeoutMs, name: 'boards', log: quiet });
  const postgres = openPostgres({
    ...{ url: config.databaseUrl, max: 2, statementTimeoutMs: config.databaseTimeoutMs },
    ...{ name: 'photofinish-boards', log: quiet },
  });
  try {
    await redisReady(redis, READY_MS);
    const acks = new TickAcks({
      prover: new RedisAckProver({ redis, url, commandTimeoutMs, timeoutMs: commandTimeoutMs, log: quiet }),
      commit: async () => undefined,
      parked: async () => [],
      clock: Date.now,
      log: quiet,
    });
    const store = new PostgresBoardStore(postgres);
    const catalogue = new Catalogue({
      ...{ store, clock: Date.now, log: quiet, refreshMs: 1_000, onOpened: () => undefined },
    });
    const assertPossible = (board: DeclaredBoard['board']) => acks.assertPossible(board);
    const boards = new BoardAdmin({ store, catalogue, assertPossible, clock: Date.now });
    const deps = { boards, assertPossible };
    return await (apply ? applyBoards(declared, BY, deps) : planBoards(declared, deps));
  } finally {
    redis.disconnect();
    await postgres.close();
  }
}

const SIGNS = { create: '+', update: '~', refused: '!', unchanged: '=', unnamed: '?' } as const;
const SAID = {
  create: 'made',
  update: 'changed',
  refused: 'refused',
  unchanged: 'as the file says',
  unnamed: 'not in the file; left as it is',
} as const;

const shown = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));

function tableOf(
  outcomes: readonly BoardOutcome[],
  { file, apply }: { file: string; apply: boolean },
): string {
  const lines = outcomes.flatMap((outcome) => {
    const { kind, board } = outcome;
    const line = `${SIGNS[kind]} ${board}: ${SAID[kind]}`;
    if (kind === 'refused') return [line, `    ${outcome.message}`];
    if (kind !== 'update') return [line];
    const changes = Object.entries(outcome.changed);
    return [line, ...changes.map(([path, { from, to }]) => `    ${path}: ${shown(from)} -> ${shown(to)}`)];
  });
  const count = (kind: BoardOutcome['kind']) => outcomes.filter((outcome) => outcome.kind === kind).length;
  const [made, changed, refused] = [count('create'), count('update'), count('refused')];
  const sum = apply
    ? `Applied ${file}: ${made} made, ${changed} changed, ${refused} refused.`
    : `Plan of ${file}, nothing is changed yet: ${made} to make, ${changed} to change, ${refused} refused.`;
  return [...lines, sum].join('\n');
}

async function main(args: string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(USAGE);
    return 0;
  }
  try {
    const { apply, json, file: named } = optionsOf(args);
    const config = loadBoardsConfig(process.env);
    const file = named ?? config.boardsFile ?? 'boards.json';
    const outcomes = await run(config, await readBoardsFile(file), apply);
    console.log(
      json ? JSON.stringify({ file, applied: apply, boards: outcomes }) : tableOf(outcomes, { file, apply }),
    );
    return outcomes.some(({ kind }) => kind === 'refused') ? 1 : 0;
  } catch (error) {
    if (error instanceof UsageError) console.error(`${error.message}\n\n${USAGE}`);
    else if (error instanceof ConfigError) console.error(error.message);
    // The message only: the error of a driver may carry the address with its password.
    else console.error(`Boards not changed: ${error instanceof Error ? error.message : 'unknown error'}`);
    return 2;
  }
}

process.exitCode = await main(process.argv.slice(2));
