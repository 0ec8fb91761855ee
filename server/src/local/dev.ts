/** `npm run dev`: local services and a server that restarts when its source changes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { stopSignal } from '../stop-signals.ts';
import { sourceArgs } from './server-child.ts';
import { LocalServiceError } from './service.ts';
import { PROJECT_ROOT, startStack } from './stack.ts';

const signalled = stopSignal();
const stack = await startStack((line) => console.log(line), process.env).catch((error: unknown) => {
  console.error(error instanceof LocalServiceError ? `\n${error.message}` : error);
  process.exit(1);
});
console.log(`To mint tokens in another terminal: set -a; . ${stack.envFile}; set +a`);
const server = spawn(process.execPath, ['--watch', ...sourceArgs('server/src/main.ts')], {
  cwd: PROJECT_ROOT,
  env: { BOARDS_FILE: join(PROJECT_ROOT, 'boards.json'), ...process.env, ...stack.env },
  stdio: 'inherit',
  detached: true,
});
const ended = once(server, 'exit');
await Promise.race([signalled, ended]);
server.kill('SIGTERM');
await ended;
await stack.stop();
