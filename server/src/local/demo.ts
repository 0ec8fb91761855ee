/** `npm run demo`: a complete season on a real PostgreSQL and a real Redis, then a server to look at. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { stopSignal } from '../stop-signals.ts';
import { freePortOr0, type ServerChild, sourceArgs, startServerChild } from './server-child.ts';
import { LocalServiceError } from './service.ts';
import { PROJECT_ROOT, type Stack, startStack } from './stack.ts';

const USAGE = `npm run demo -- [options]

  --players N    simulated players, 1 to 5000 (default 200)
  --seconds S    how long they play, 1 to 3600 (default 15)
  --seed K       seed of the players' walks (default: a new one each time)
  --json FILE    write the summary there
  --port P       port of the server (default 8080, or a free one if it is taken)
  --once         end after the season; exit 1 if anything was lost, ranked wrong or drifted
  --help

DATABASE_URL, REDIS_URL and JWT_SECRET are used where they are set; else a PostgreSQL, a Redis and a secret of our own, under .data/.`;

interface Options {
  players: number;
  seconds: number;
  seed: string | undefined;
  json: string | undefined;
  port: number;
  once: boolean;
}

const BOARD = 'demo';

function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      players: { type: 'string', default: '200' },
      seconds: { type: 'string', default: '15' },
      seed: { type: 'string' },
      json: { type: 'string' },
      port: { type: 'string', default: '8080' },
      once: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  return {
    players: wholeNumber('--players', values.players, 1, 5_000),
    seconds: wholeNumber('--seconds', values.seconds, 1, 3_600),
    seed: values.seed === undefined ? undefined : String(wholeNumber('--seed', values.seed, 0, 2 ** 32 - 1)),
    json:
      values.json === undefined ? undefined : resolve(process.env['INIT_CWD'] ?? process.cwd(), values.json),
    port: wholeNumber('--port', values.port, 0, 65_535),
    once: values.once,
  };
}

function wholeNumber(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new TypeError(`${name}: ${text} is not a whole number from ${min} to ${max}`);
}

const say = (line: string): void => console.log(`  ${line}`);

async function main(options: Options): Promise<number> {
  const signalled = stopSignal();
  console.log('Photofinish demo');
  let stack: Stack | undefined;
  let server: ServerChild | undefined;
  try {
    stack = await startStack(say, process.env);
    server = await startServer(options, stack);
    const code = await Promise.race([playSeason(options, stack, server, signalled), signalled]);
    if (code > 128 || options.once) return code;
    return (await stayUp(server, stack, signalled)) === 'ended' ? 1 : code;
  } finally {
    const code = await server?.stop();
    if (code !== undefined)
      say(code === 0 ? 'Server drained and stopped' : `Server ended with code ${code}; see .data/server.log`);
    await stack?.stop();
  }
}

async function startServer(options: Options, stack: Stack): Promise<ServerChild> {
  const port = await freePortOr0(options.port);
  if (port !== options.port) say(`Port ${options.port} is in use; taking a free one`);
  const server = await startServerChild(
    {
      ...process.env,
      ...stack.env,
      HOST: '127.0.0.1',
      PORT: String(port),
      BOARDS_FILE: join(PROJECT_ROOT, 'boards.json'),
    },
    join(PROJECT_ROOT, '.data', 'server.log'),
  );
  say(`Server is up; its log is .data/server.log`);
  console.log(`\n  Live page: ${server.url}/?board=${BOARD}\n`);
  return server;
}

/** The simulator is a process of its own that speaks the wire like a stranger. @returns its exit code */
async function playSeason(
  options: Options,
  stack: Stack,
  server: ServerChild,
  signalled: Promise<number>,
): Promise<number> {
  const sim = spawn(
    process.execPath,
    [
      ...sourceArgs('client-sim/src/main.ts'),
      ...['--url', server.url, '--board', BOARD, '--settle'],
      ...['--players', String(options.players), '--seconds', String(options.seconds)],
      ...(options.seed === undefined ? [] : ['--seed', options.seed]),
      ...(options.json === undefined ? [] : ['--json', options.json]),
    ],
    {
      cwd: PROJECT_ROOT,
      env: { ...process.env, ...stack.env },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      detached: true,
    },
  );
  const end = () => sim.kill('SIGKILL');
  process.once('exit', end);
  void signalled.then(end);
  const [code] = (await once(sim, 'exit')) as [number | null];
  process.off('exit', end);
  return code ?? 1;
}

async function stayUp(
  server: ServerChild,
  stack: Stack,
  signalled: Promise<number>,
): Promise<'ended' | 'signalled'> {
  console.log(`
  The server stays up at ${server.url} until Ctrl-C. In another terminal:
    set -a; . ${stack.envFile}; set +a
    npm run token -- --role server --sub match-host     # a token to follow docs/protocol.md with
    npm run sim -- --url ${server.url} --players 50 --seconds 5 --settle
`);
  const first = await Promise.race([
    signalled.then(() => 'signalled' as const),
    server.ended.then(() => 'ended' as const),
  ]);
  if (first === 'ended')
    console.error('\n  The server ended by itself; the end of its story is in .data/server.log');
  return first;
}

try {
  process.exitCode = await main(readOptions(process.argv.slice(2)));
} catch (error) {
  const expected = error instanceof LocalServiceError || error instanceof TypeError;
  console.error(expected || error instanceof Error ? `\n${error.message}` : error);
  if (error instanceof TypeError) console.error(`\n${USAGE}`);
  process.exitCode = error instanceof TypeError ? 2 : 1;
}
