/** The command line and the environment, checked together: every problem is named at once. */
import { parseArgs } from 'node:util';
import type { Operator } from './books/operators.ts';
import type { SortOrder } from './books/order.ts';
import { Stop } from './stop.ts';

export interface Options {
  /** Of the server, without a path: `http://127.0.0.1:8080`. */
  url: string;
  players: number;
  /** Ticks per second and player, on average. */
  rate: number;
  /** How long ticks are sent, over all matches of a player. */
  seconds: number;
  seed: number;
  board: string;
  operator: Operator;
  sort: SortOrder;
  /** Matches that each player plays, one after another. */
  matches: number;
  settle: boolean;
  /** A file, `-` for standard output, undefined for none. */
  json: string | undefined;
  databaseUrl: string | undefined;
  token: TokenRules;
}

export interface TokenRules {
  secret: string;
  issuer: string | undefined;
  audience: string | undefined;
}

export const HELP = `Plays a season against a running Photofinish server and checks everything against its own books.

  npm run sim -- --url http://127.0.0.1:8080 --players 200 --rate 20 --seconds 8 --settle

  --url URL         the server; http://127.0.0.1:8080
  --players N       players with a connection each, 1 to 20000; 200
  --rate N          ticks per second and player, 0.1 to 200; 20
  --seconds N       how long ticks are sent, 1 to 86400; 8
  --matches N       matches that each player plays one after another, 1 to 100; 2
  --seed N          the same seed plays the same season; a new one each time
  --board ID        the board, created if missing; sim-OPERATOR-SORT
  --operator NAME   best, latest or sum; best
  --sort NAME       desc or asc; desc
  --settle          close the season, settle it, and settle it again
  --database URL    reads rows with a connection of its own; DATABASE_URL
  --json [FILE]     writes the summary as JSON; without FILE to standard output, and nothing else there
  --help            this text

  JWT_SECRET        the server's secret: the simulator makes its own tokens (JWT_ISSUER, JWT_AUDIENCE too, where the server has them)

Exit code 1: a score was lost, ranked wrong or drifted, a final is missing, or settling again changed something.
Exit code 2: wrong usage, or no server.
`;

const NAMES = {
  url: { type: 'string', default: 'http://127.0.0.1:8080' },
  players: { type: 'string', default: '200' },
  rate: { type: 'string', default: '20' },
  seconds: { type: 'string', default: '8' },
  matches: { type: 'string', default: '2' },
  seed: { type: 'string' },
  board: { type: 'string' },
  operator: { type: 'string', default: 'best' },
  sort: { type: 'string', default: 'desc' },
  settle: { type: 'boolean', default: false },
  database: { type: 'string' },
  json: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

const SECRET_LENGTH_MIN = 32;

/** @returns undefined when help was asked for. @throws Stop naming every problem */
export function readOptions(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Options | undefined {
  const values = parse(argv);
  if (values.help) return undefined;
  const problems: string[] = [];
  const number = (
    name: 'players' | 'rate' | 'seconds' | 'matches' | 'seed',
    text: string,
    bounds: Bounds,
  ) => {
    const value = Number(text);
    const fits = text.trim() !== '' && value >= bounds.min && value <= bounds.max;
    if (!fits || (bounds.whole && !Number.isInteger(value)))
      problems.push(
        `--${name}: use a ${bounds.whole ? 'whole ' : ''}number from ${bounds.min} to ${bounds.max}, not ${text}`,
      );
    return value;
  };
  const oneOf = <T extends string>(name: string, text: string, choices: readonly T[]): T => {
    const choice = choices.find((known) => known === text);
    if (!choice) problems.push(`--${name}: use ${choices.join(', ')}, not ${text}`);
    return choice ?? (choices[0] as T);
  };
  const operator = oneOf('operator', values.operator, ['best', 'latest', 'sum'] as const);
  const sort = oneOf('sort', values.sort, ['desc', 'asc'] as const);
  const board = values.board ?? `sim-${operator}-${sort}`;
  if (!/^[A-Za-z0-9._~-]{1,64}$/.test(board))
    problems.push(`--board: use 1 to 64 characters out of A-Z a-z 0-9 . _ ~ -, not ${board}`);
  const secret = env['JWT_SECRET'] ?? '';
  if (secret.length < SECRET_LENGTH_MIN)
    problems.push(`JWT_SECRET: set it to the server's secret of at least ${SECRET_LENGTH_MIN} characters`);
  const options: Options = {
    url: httpUrl(values.url, problems),
    players: number('players', values.players, { min: 1, max: 20_000, whole: true }),
    rate: number('rate', values.rate, { min: 0.1, max: 200, whole: false }),
    seconds: number('seconds', values.seconds, { min: 1, max: 86_400, whole: false }),
    matches: number('matches', values.matches, { min: 1, max: 100, whole: true }),
    seed: number('seed', values.seed ?? String(Date.now() % 2 ** 31), {
      min: 0,
      max: 2 ** 32 - 1,
      whole: true,
    }),
    board,
    operator,
    sort,
    settle: values.settle,
    json: values.json,
    databaseUrl: values.database ?? (env['DATABASE_URL'] || undefined),
    token: { secret, issuer: env['JWT_ISSUER'] || undefined, audience: env['JWT_AUDIENCE'] || undefined },
  };
  if (problems.length > 0) throw new Stop(problems.join('; '));
  return options;
}

interface Bounds {
  min: number;
  max: number;
  whole: boolean;
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: withJsonTarget(argv), options: NAMES, strict: true, allowPositionals: false })
      .values;
  } catch (error) {
    // Only the first sentence: the rest explains how to pass what we do not take.
    const [sentence] = String((error as Error).message).split('. ');
    throw new Stop(`${sentence}; --help lists the options`);
  }
}

/** `--json` may stand alone; parseArgs knows no optional values. */
function withJsonTarget(argv: readonly string[]): string[] {
  return argv.map((arg, i) => {
    if (arg !== '--json') return arg;
    const next = argv[i + 1];
    return next === undefined || next.startsWith('--') ? '--json=-' : arg;
  });
}

function httpUrl(text: string, problems: string[]): string {
  try {
    const { protocol, origin } = new URL(text);
    if (protocol === 'http:' || protocol === 'https:') return origin;
  } catch {
    // Named below.
  }
  problems.push(`--url: use the server's address, as http://127.0.0.1:8080, not ${text}`);
  return text;
}
