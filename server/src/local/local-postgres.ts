/** A real PostgreSQL of our own for development, the demo and the tests: on 127.0.0.1 only, one database `photofinish`,
 *  its password made here and kept beside the data.
 *
 *  In `dataDir`: `cluster/` (what PostgreSQL calls its data directory), `credentials.json`, `postgres.log`, `owner.N`.
 *  A crash at any point leaves a directory that the next start takes: `cluster/` is renamed into place only when complete,
 *  and a server left over by a killed parent is ended first. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import postgres from 'postgres';
import type { Log } from '../observe/log.ts';
import { type DataDirectory, openDataDirectory } from './data-directory.ts';
import { freePort } from './free-port.ts';
import { type Account, postgresAccount, runAs } from './postgres-account.ts';
import { type PostgresBinaries, postgresBinaries } from './postgres-binaries.ts';
import { pidIsTaken, type RunningProcess } from './process-table.ts';
import { type LocalService, LocalServiceError, PORT_TRIES_MAX, READY_TIMEOUT_MS } from './service.ts';
import { endLeftovers, ServiceProcess, type StopStep } from './service-process.ts';

export interface LocalPostgresOptions {
  dataDir: string;
  log?: Log | undefined;
}

interface Cluster {
  directory: DataDirectory;
  /** What PostgreSQL calls its data directory. */
  folder: string;
  account: Account | undefined;
  binaries: PostgresBinaries;
}

const USER = 'photofinish';
const DATABASE = 'photofinish';
const DRAFT = 'cluster-draft-';
const INITDB_TIMEOUT_MS = 120_000;
/** Above any pid of Linux and macOS, so never a living process. */
const PID_OF_NOBODY = 2_147_483_646;
/** Servers and test workers share this one; each holds a handful of connections. */
const CONNECTIONS_MAX = 200;

/** Fast shutdown disconnects clients and writes a checkpoint; immediate leaves that to the next start's recovery. */
const STOP_STEPS: readonly StopStep[] = [
  { signal: 'SIGINT', waitMs: 20_000 },
  { signal: 'SIGQUIT', waitMs: 5_000 },
  { signal: 'SIGKILL', waitMs: 5_000 },
];

/** Nothing of our own environment: PGDATA or a locale in it would change what is started. */
const ENVIRONMENT = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

const isServerOf =
  (folder: string) =>
  ({ commandLine, cwd }: RunningProcess): boolean =>
    /(^|\/)postgres -D /.test(commandLine) && (commandLine.includes(` -D ${folder} `) || cwd === folder);

/** initdb into a folder beside, then a rename: a crash leaves no half-made cluster under the final name. Every try has a
 *  folder of its own, because the initdb of a killed parent may still be writing to the last one. */
async function createCluster({ directory, folder, account, binaries }: Cluster): Promise<void> {
  for (const name of readdirSync(directory.path)) {
    if (name.startsWith(DRAFT))
      rmSync(join(directory.path, name), { recursive: true, force: true, maxRetries: 5 });
  }
  const draft = join(directory.path, `${DRAFT}${randomBytes(6).toString('hex')}`);
  const passwordFile = `${draft}.password`;
  mkdirSync(draft, { mode: 0o700 });
  writeFileSync(passwordFile, `${directory.password}\n`, { mode: 0o600, flag: 'wx' });
  if (account !== undefined)
    for (const path of [draft, passwordFile]) chownSync(path, account.uid, account.gid);

  const { program, args, ...identity } = runAs(
    account,
    [draft],
    [
      binaries.initdb,
      `--pgdata=${draft}`,
      `--username=${USER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--no-locale',
      '--no-instructions',
    ],
  );
  try {
    await promisify(execFile)(program, args, {
      ...identity,
      cwd: draft,
      env: ENVIRONMENT,
      timeout: INITDB_TIMEOUT_MS,
    });
  } catch (error) {
    const { stderr, message, code } = error as Error & { stderr?: string; code?: unknown };
    const foreign =
      code === 'ENOENT' ? ' (the prebuilt programs need glibc; where there is none, set DATABASE_URL)' : '';
    rmSync(draft, { recursive: true, force: true });
    throw new LocalServiceError(
      `PostgreSQL could not create its data in ${folder}: ${stderr?.trim() || message}${foreign}`,
      { cause: error },
    );
  } finally {
    rmSync(passwordFile, { force: true });
  }
  renameSync(draft, folder);
}

/** A pid file that names a process which is not our server (its pid was given to a stranger, or it is a zombie) would stop
 *  PostgreSQL from starting. Only the pid in it is replaced: the rest lets PostgreSQL check by itself that no backend of the
 *  old server still has the shared memory open, which guards the data. */
function disarmPidFile(folder: string): void {
  const file = join(folder, 'postmaster.pid');
  if (!existsSync(file)) return;
  const [firstLine = '', ...rest] = readFileSync(file, 'utf8').split('\n');
  const pid = Number(firstLine);
  if (rest.length === 0 || !Number.isSafeInteger(pid) || pid <= 0) {
    // Cut off by a crash: PostgreSQL calls it bogus and refuses. Its server never got to open the data.
    rmSync(file);
  } else if (pidIsTaken(pid)) {
    writeFileSync(file, [PID_OF_NOBODY, ...rest].join('\n'));
  }
}

/** The last line of the pid file is the server's own word on its state. */
function isReady(folder: string, pid: number): boolean {
  try {
    const lines = readFileSync(join(folder, 'postmaster.pid'), 'utf8').split('\n');
    return Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
  } catch {
    return false;
  }
}

function launchServer(
  { directory, folder, account, binaries }: Cluster,
  port: number,
): Promise<ServiceProcess> {
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: CONNECTIONS_MAX,
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_checkpoints: 'off',
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return ServiceProcess.launch({
    ...runAs(account, [folder], [binaries.postgres, '-D', folder, ...flags]),
    env: ENVIRONMENT,
    cwd: directory.path,
    logFile: join(directory.path, 'postgres.log'),
    stopSteps: STOP_STEPS,
  });
}

const portWasTaken = (output: string): boolean => /could not (bind|create any TCP\/IP sockets)/.test(output);
/** Backends of a killed server notice within moments and end. */
const oldBackendsRun = (output: string): boolean =>
  output.includes('shared memory block') && output.includes('still in use');

async function startServer(cluster: Cluster): Promise<{ server: ServiceProcess; port: number }> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  for (let tries = 1; ; tries += 1) {
    const port = await freePort(cluster.directory.lastPort);
    const server = await launchServer(cluster, port);
    const state = await server.waitFor(() => isReady(cluster.folder, server.pid), deadline - Date.now());
    if (state === 'ready') return { server, port };
    await server.stop();
    const output = server.output();
    if (state === 'ended' && Date.now() < deadline) {
      if (portWasTaken(output) && tries < PORT_TRIES_MAX) continue;
      if (oldBackendsRun(output)) {
        await delay(100);
        continue;
      }
    }
    const how =
      state === 'late' ? `was not ready within ${READY_TIMEOUT_MS / 1000} s` : 'ended while starting';
    throw new LocalServiceError(
      `PostgreSQL on ${cluster.folder} ${how}; its log ${join(cluster.directory.path, 'postgres.log')} ends with:\n${server.lastWords()}`,
    );
  }
}

const address = (password: string, port: number, database: string): string =>
  `postgres://${USER}:${password}@127.0.0.1:${port}/${database}`;

/** Runs at every start: a crash may have come between initdb and here. */
async function ensureDatabase(password: string, port: number): Promise<void> {
  const sql = postgres(address(password, port, 'postgres'), {
    max: 1,
    connect_timeout: 10,
    onnotice: () => {},
  });
  try {
    const found = await sql`select 1 from pg_database where datname = ${DATABASE}`;
    if (found.length === 0) await sql`create database ${sql(DATABASE)}`;
  } catch (cause) {
    throw new LocalServiceError(`PostgreSQL runs but refuses us: ${(cause as Error).message}`, { cause });
  } finally {
    await sql.end({ timeout: 5 });
  }
}

export async function startLocalPostgres({ dataDir, log }: LocalPostgresOptions): Promise<LocalService> {
  const startedAt = performance.now();
  const binaries = postgresBinaries();
  const directory = openDataDirectory(dataDir, 'PostgreSQL', 'DATABASE_URL');
  let server: ServiceProcess | undefined;
  try {
    const folder = join(directory.path, 'cluster');
    const ended = await endLeftovers(isServerOf(folder), STOP_STEPS);
    if (ended.length > 0)
      log?.warn({ pids: ended, folder }, 'ended a PostgreSQL left over by an earlier run');

    const cluster: Cluster = { directory, folder, account: postgresAccount(folder), binaries };
    const isNew = !existsSync(folder);
    if (isNew) await createCluster(cluster);
    else disarmPidFile(folder);

    const started = await startServer(cluster);
    server = started.server;
    await ensureDatabase(directory.password, started.port);
    directory.rememberPort(started.port);
    const tookMs = Math.round(performance.now() - startedAt);
    log?.info({ pid: server.pid, port: started.port, folder, isNew, tookMs }, 'PostgreSQL is ready');
    const { pid, stop } = stopping(server, directory);
    return { url: address(directory.password, started.port, DATABASE), pid, port: started.port, stop };
  } catch (error) {
    await server?.stop();
    directory.release();
    throw error;
  }
}

function stopping(
  server: ServiceProcess,
  directory: DataDirectory,
): { pid: number; stop: () => Promise<void> } {
  return {
    pid: server.pid,
    stop: async () => {
      await server.stop();
      directory.release();
    },
  };
}
