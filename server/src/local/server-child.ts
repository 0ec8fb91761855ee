/** The server as a child process, as `npm start` would run it. It has a process group of its own, so that Ctrl-C in the terminal reaches
 *  us alone, and we stop it in order: a second signal would end its drain. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { PROJECT_ROOT } from './stack.ts';

export interface ServerChild {
  url: string;
  /** Resolves when the process ends, with its exit code; null when a signal ended it. */
  ended: Promise<number | null>;
  /** SIGTERM: the server drains and ends. @returns its exit code */
  stop(): Promise<number | null>;
}

const START_WITHIN_MS = 60_000;
const TAIL = 4_000;

export const sourceArgs = (file: string): string[] => ['--conditions=source', '--import', 'tsx', file];

/** @throws Error with the end of the log when the server does not come up */
export async function startServerChild(env: NodeJS.ProcessEnv, logFile: string): Promise<ServerChild> {
  mkdirSync(dirname(logFile), { recursive: true });
  const child = spawn(process.execPath, sourceArgs('server/src/main.ts'), {
    cwd: PROJECT_ROOT,
    env,
    detached: true,
    // The channel carries nothing: when we are killed it breaks, and the server drains and ends too (main.ts).
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  process.once('exit', () => child.kill('SIGTERM'));
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  const url = await listening(child, ended, logFile);
  return {
    url,
    ended,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      return ended;
    },
  };
}

function listening(child: ChildProcess, ended: Promise<number | null>, logFile: string): Promise<string> {
  const log = createWriteStream(logFile, { mode: 0o600 });
  let tail = '';
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`the server ${why}; the end of ${logFile}:\n${tail}`));
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      fail(`did not come up within ${START_WITHIN_MS / 1_000} s`);
    }, START_WITHIN_MS);
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        log.write(chunk);
        tail = (tail + chunk.toString()).slice(-TAIL);
        const url = /"url":"(http:[^"]+)"/.exec(tail)?.[1];
        if (!url) return;
        clearTimeout(late);
        resolve(url);
      });
    void ended.then((code) => {
      clearTimeout(late);
      log.end();
      fail(`ended with code ${code}`);
    });
  });
}

/** `wanted` if nobody listens on it, else 0: any free port. */
export function freePortOr0(wanted: number): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(0));
    probe.listen(wanted, '127.0.0.1', () => probe.close(() => resolve(wanted)));
  });
}
