/** A real Redis (or Valkey) of our own for development, the demo and the tests, with the settings that the guarantee asks for:
 *  every write in the AOF, fsynced each second, nothing evicted, no RDB beside it.
 *
 *  In `dataDir`: `redis.conf` and `credentials.json` (both for our eyes only, the password is in them and in no command line),
 *  `appendonlydir/`, `redis.log`, `owner.N`. A server left over by a killed parent is ended first: two of them would write
 *  the same AOF. */
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Log } from '../observe/log.ts';
import { type DataDirectory, openDataDirectory, replaceFile } from './data-directory.ts';
import { freePort } from './free-port.ts';
import type { RunningProcess } from './process-table.ts';
import { redisBinary } from './redis-binary.ts';
import type { RedisProgram } from './redis-program.ts';
import { type LocalService, LocalServiceError, PORT_TRIES_MAX, READY_TIMEOUT_MS } from './service.ts';
import { endLeftovers, ServiceProcess, type StopStep } from './service-process.ts';

export interface LocalRedisOptions {
  dataDir: string;
  /** Where a fetched Redis is kept; may be shared by any number of projects and processes. */
  cacheDir: string;
  log?: Log | undefined;
  /** Settings of redis.conf that replace ours: for tests of a Redis that is set up wrong. */
  settings?: Readonly<Record<string, string>> | undefined;
  /** A program that has `WAITAOF`. */
  waitAof?: boolean | undefined;
}

/** SIGTERM writes and fsyncs the rest of the AOF before the end. */
const STOP_STEPS: readonly StopStep[] = [
  { signal: 'SIGTERM', waitMs: 15_000 },
  { signal: 'SIGKILL', waitMs: 5_000 },
];

const PING_TIMEOUT_MS = 2_000;

const isServerOf =
  ({ path }: DataDirectory) =>
  ({ commandLine, cwd }: RunningProcess): boolean =>
    /(^|\/)(redis|valkey)-server /.test(commandLine) &&
    (commandLine.endsWith(` ${configFile(path)}`) || cwd === path);

const configFile = (folder: string): string => join(folder, 'redis.conf');

const quoted = (value: string): string => `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

function writeConfig(
  directory: DataDirectory,
  port: number,
  overrides: Readonly<Record<string, string>>,
): void {
  const settings = {
    bind: '127.0.0.1',
    port: String(port),
    requirepass: directory.password,
    dir: directory.path,
    appendonly: 'yes',
    appendfsync: 'everysec',
    save: '',
    'maxmemory-policy': 'noeviction',
    daemonize: 'no',
    // Its process title stays the command line, by which the next start knows it.
    'set-proc-title': 'no',
    ...overrides,
  };
  const lines = Object.entries(settings).map(
    ([name, value]) => `${name} ${name === 'bind' ? value : quoted(value)}\n`,
  );
  replaceFile(configFile(directory.path), lines.join(''));
}

/** True once the server answers a PING with our password: while it loads the AOF it answers LOADING. */
function answersPing(port: number, password: string): Promise<boolean> {
  return new Promise((resolve) => {
    let reply = '';
    const socket = connect({ port, host: '127.0.0.1' });
    const finish = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(PING_TIMEOUT_MS, () => finish(false));
    socket.once('error', () => finish(false));
    socket.once('close', () => finish(false));
    socket.once('connect', () => socket.write(`AUTH ${password}\r\nPING\r\n`));
    socket.on('data', (chunk) => {
      reply += chunk.toString('latin1');
      if (reply === '+OK\r\n+PONG\r\n') finish(true);
      else if (reply.includes('-')) finish(false);
    });
  });
}

const launchServer = (
  { file, libraryPath }: RedisProgram,
  { path }: DataDirectory,
): Promise<ServiceProcess> =>
  ServiceProcess.launch({
    program: file,
    args: [configFile(path)],
    env: {
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      LC_ALL: 'C',
      TZ: 'UTC',
      ...(libraryPath === undefined ? {} : { LD_LIBRARY_PATH: libraryPath }),
    },
    cwd: path,
    logFile: join(path, 'redis.log'),
    stopSteps: STOP_STEPS,
  });

async function startServer(
  program: RedisProgram,
  directory: DataDirectory,
  settings: Readonly<Record<string, string>>,
): Promise<{ server: ServiceProcess; port: number }> {
  for (let tries = 1; ; tries += 1) {
    const port = await freePort(directory.lastPort);
    writeConfig(directory, port, settings);
    const server = await launchServer(program, directory);
    const state = await server.waitFor(() => answersPing(port, directory.password), READY_TIMEOUT_MS);
    if (state === 'ready') return { server, port };
    await server.stop();
    if (state === 'ended' && /Address already in use/.test(server.output()) && tries < PORT_TRIES_MAX)
      continue;
    const how =
      state === 'late' ? `was not ready within ${READY_TIMEOUT_MS / 1000} s` : 'ended while starting';
    throw new LocalServiceError(
      `Redis on ${directory.path} ${how}; its log ${join(directory.path, 'redis.log')} ends with:\n${server.lastWords()}`,
    );
  }
}

export async function startLocalRedis({
  dataDir,
  cacheDir,
  log,
  settings = {},
  waitAof,
}: LocalRedisOptions): Promise<LocalService> {
  const startedAt = performance.now();
  const program = await redisBinary({ cacheDir, log, waitAof });
  const directory = openDataDirectory(dataDir, 'Redis', 'REDIS_URL');
  try {
    const ended = await endLeftovers(isServerOf(directory), STOP_STEPS);
    if (ended.length > 0)
      log?.warn({ pids: ended, dataDir: directory.path }, 'ended a Redis left over by an earlier run');

    const { server, port } = await startServer(program, directory, settings);
    directory.rememberPort(port);
    const tookMs = Math.round(performance.now() - startedAt);
    const { file, version } = program;
    log?.info({ pid: server.pid, port, dataDir: directory.path, file, version, tookMs }, 'Redis is ready');
    return {
      url: `redis://:${directory.password}@127.0.0.1:${port}`,
      pid: server.pid,
      port,
      stop: async () => {
        await server.stop();
        directory.release();
      },
    };
  } catch (error) {
    directory.release();
    throw error;
  }
}
