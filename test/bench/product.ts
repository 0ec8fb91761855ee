/** The product as it is run: the built server, in a process of its own, with all its checks on. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { signToken } from '../support/server-process.ts';
import { Child } from './child.ts';
import { BenchFailure } from './failure.ts';
import { ROOT } from './root.ts';

const BUILT = 'server/dist/main.js';
const SOURCE = 'server/src/main.ts';
const START_WITHIN_MS = 30_000;

/** Set so that the load is not refused: each limit is still checked for every request. */
const LIMITS = {
  REQUESTS_PER_SECOND_MAX: '1000000',
  HTTP_REQUESTS_PER_SECOND_MAX: '1000000',
  // Settling a million standings, and flushing in one go what a real server flushes bit by bit.
  DATABASE_TIMEOUT_MS: '300000',
  REDIS_TIMEOUT_MS: '30000',
  LOG_LEVEL: 'info',
};

/** Loaded before the server, to be asked how much memory it uses once all garbage is gone. It does nothing until then. */
const MEMORY_PROBE = `process.on('message', ({ id }) => {
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  process.send({ id, result: heapUsed + external });
});
process.channel.unref();`;

type ProbeMethods = { memory: (of: object) => number };

export interface Product {
  url: string;
  pid: number;
  token(role: 'player' | 'server' | 'admin' | 'viewer', sub: string): Promise<string>;
  /** Bytes in use, after a collection. */
  memory(): Promise<number>;
  stop(): Promise<void>;
}

export interface ProductOptions {
  databaseUrl: string;
  redisUrl: string;
  /** `source` runs it as it stands, without a build: for tests. */
  program: 'built' | 'source';
  /** Folder for its CPU profile, written when it ends. */
  profile?: string | undefined;
  env?: Readonly<Record<string, string>>;
}

/** @throws BenchFailure with the server's own words */
export async function startProduct(options: ProductOptions): Promise<Product> {
  const { databaseUrl, redisUrl, program, profile, env } = options;
  if (program === 'built' && !existsSync(join(ROOT, BUILT)))
    throw new BenchFailure(`${BUILT} is missing: run npm run build first, or use npm run bench, which does`);
  const jwtSecret = randomBytes(32).toString('hex');
  const probe = `data:text/javascript,${encodeURIComponent(MEMORY_PROBE)}`;
  const profiling = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${resolve(profile)}`];
  const source = program === 'source' ? ['--conditions=source', '--import', 'tsx'] : [];
  const child = spawn(
    process.execPath,
    ['--expose-gc', ...profiling, ...source, '--import', probe, program === 'source' ? SOURCE : BUILT],
    {
      cwd: ROOT,
      env: {
        ...{ PATH: process.env['PATH'] ?? '', HOST: '127.0.0.1', PORT: '0', NODE_ENV: 'production' },
        ...{ DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, JWT_SECRET: jwtSecret },
        ...LIMITS,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      serialization: 'advanced',
    },
  );
  const calls = new Child<ProbeMethods>('server', child);
  const url = await listening(child);
  return {
    ...{ url, pid: calls.pid },
    token: (role, sub) => signToken(jwtSecret, role, sub),
    memory: () => calls.call('memory', {}),
    stop: () => calls.end(),
  };
}

/** The server logs one line with its `url` when it takes connections. */
function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let words = '';
    const settle = (end: () => void) => {
      clearTimeout(late);
      end();
    };
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      reject(
        new BenchFailure(`the server did not start within ${START_WITHIN_MS / 1_000} s; it said:\n${words}`),
      );
    }, START_WITHIN_MS);
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        words = (words + chunk.toString()).slice(-4_000);
        const url = /"url":"(http:[^"]+)"/.exec(words)?.[1];
        if (url) settle(() => resolve(url));
      });
    child.once('exit', (code) =>
      settle(() =>
        reject(new BenchFailure(`the server ended with ${code} before it listened; it said:\n${words}`)),
      ),
    );
  });
}
