/** The real server as a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { SignJWT } from 'jose';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const START_WITHIN_MS = 30_000;

export interface ServerProcess {
  url: string;
  databaseUrl: string;
  redisUrl: string;
  jwtSecret: string;
  pid: number;
  /** A token of this server, good for an hour. */
  token(role: 'player' | 'server' | 'admin' | 'viewer', sub: string, claims?: object): Promise<string>;
  /** Ends the process with a signal and waits until it is gone. @returns its exit code; null when the signal ended it */
  kill(signal?: NodeJS.Signals): Promise<number | null>;
  /** SIGTERM, and drops the database if one was made for it. @returns the exit code */
  stop(): Promise<number | null>;
  logs(): string;
}

export interface SpawnOptions {
  databaseUrl: string;
  redisUrl: string;
  jwtSecret?: string;
  env?: Record<string, string>;
  /** Another entry point than the server's own, from the repository's root. */
  entry?: string;
}

/** @throws Error with its log when it ends before it listens */
export async function spawnServer(options: SpawnOptions): Promise<ServerProcess> {
  const { databaseUrl, redisUrl, jwtSecret = randomBytes(32).toString('hex') } = options;
  const entry = options.entry ?? 'server/src/main.ts';
  const imports = ['tsx', './test/support/ends-with-its-runner.ts'].flatMap((name) => ['--import', name]);
  const child = spawn(process.execPath, ['--conditions=source', ...imports, entry], {
    cwd: ROOT,
    env: {
      PATH: process.env['PATH'] ?? '',
      DATABASE_URL: databaseUrl,
      REDIS_URL: redisUrl,
      JWT_SECRET: jwtSecret,
      HOST: '127.0.0.1',
      PORT: '0',
      ...options.env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const logs = collect(child);
  const url = await listeningUrl(child, logs);
  const kill = async (signal: NodeJS.Signals = 'SIGKILL') => {
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill(signal);
      await gone;
    }
    return child.exitCode;
  };
  return {
    ...{ url, databaseUrl, redisUrl, jwtSecret, pid: child.pid ?? 0, kill, logs },
    token: (role, sub, claims) => signToken(jwtSecret, role, sub, claims),
    stop: () => kill('SIGTERM'),
  };
}

export const signToken = (secret: string, role: string, sub: string, claims: object = {}): Promise<string> =>
  new SignJWT({ role, ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(sub)
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(secret));

function collect(child: ChildProcess): () => string {
  const parts: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => parts.push(chunk.toString()));
  return () => parts.join('');
}

/** The server logs one line with its `url` when it takes connections. */
function listeningUrl(child: ChildProcess, logs: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`the server did not start within ${START_WITHIN_MS} ms:\n${logs()}`));
    }, START_WITHIN_MS);
    child.stdout?.on('data', () => {
      const url = /"url":"(http:[^"]+)"/.exec(logs())?.[1];
      if (!url) return;
      clearTimeout(late);
      resolve(url);
    });
    child.once('exit', (code) => {
      clearTimeout(late);
      reject(new Error(`the server ended with ${code} before it listened:\n${logs()}`));
    });
  });
}
