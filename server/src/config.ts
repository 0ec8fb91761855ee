/** The server's configuration: every environment variable with its type, default and meaning, once.
 *
 *  `.env.example` and `docs/config.md` are written from this file. It is the only reader of the environment: everything else
 *  gets a `Config`. Invariant: no message made here shows a secret's value, and no secret has a default. */
import { z } from 'zod';
import {
  choice,
  flag,
  number,
  optionalText,
  optionalUrl,
  requiredUrl,
  text,
  urlSchema,
  urlType,
  type Variable,
  variable,
} from './config-variable.ts';

/** HS256 with a shorter secret can be guessed offline from one token. */
export const JWT_SECRET_LENGTH_MIN = 32;

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

const MS_MAX = 600_000;

export const VARIABLES = {
  DATABASE_URL: requiredUrl(['postgres', 'postgresql'], {
    description: 'Postgres, the database of record.',
    secret: true,
    example: 'postgres://photofinish:PASSWORD@127.0.0.1:5432/photofinish',
  }),
  REDIS_URL: requiredUrl(['redis', 'rediss'], {
    description: 'Redis or Valkey, with AOF on and `maxmemory-policy noeviction`.',
    secret: true,
    example: 'redis://127.0.0.1:6379/0',
  }),
  HOST: text('127.0.0.1', {
    description: 'Address to listen on; `0.0.0.0` for every interface.',
    type: 'a host name or address',
  }),
  PORT: number(
    8080,
    { min: 0, max: 65_535 },
    { description: 'Port for HTTP and WebSocket; 0 picks a free one.' },
  ),
  JWT_SECRET: variable(
    z.string().min(JWT_SECRET_LENGTH_MIN).max(4_096).optional(),
    `text of at least ${JWT_SECRET_LENGTH_MIN} characters`,
    {
      description:
        'Key of HS256 tokens. This or `JWT_JWKS_URL` must be set; both may be. Make one with `openssl rand -base64 48`.',
      secret: true,
    },
    {},
  ),
  JWT_JWKS_URL: optionalUrl(['https', 'http'], {
    description:
      'Where the public keys of your identity provider are (JWKS), for tokens signed with RS, PS, ES or EdDSA algorithms.',
    example: 'https://id.example.com/.well-known/jwks.json',
  }),
  JWT_ISSUER: optionalText({ description: 'When set, tokens must have this `iss`.' }),
  JWT_AUDIENCE: optionalText({ description: 'When set, tokens must have this `aud`.' }),
  BOARDS_FILE: optionalText({
    description:
      'A JSON file with a list of boards. At start those that are missing are created, and the others changed in what the file names.',
    type: 'a file path',
    example: 'boards.json',
  }),
  PUBLIC_PAGE: flag(true, {
    description:
      'Whether the live page may mint itself a viewer token of 10 minutes. Needs `JWT_SECRET`; without one it is off.',
  }),
  PLAYERS_NAME_THEMSELVES: flag(false, {
    description:
      'Whether a player token may set its own display name. Off, names come from server and admin tokens, which can check them first.',
  }),
  CONNECTIONS_MAX: number(
    20_000,
    { min: 1, max: 1_000_000 },
    { description: 'WebSocket connections at once; more are refused with 503 before the upgrade.' },
  ),
  REQUESTS_PER_SECOND_MAX: number(
    2_000,
    { min: 1, max: 1_000_000 },
    { description: 'Requests per second and WebSocket connection; as many at once.' },
  ),
  HTTP_REQUESTS_PER_SECOND_MAX: number(
    100,
    { min: 1, max: 1_000_000 },
    {
      description:
        'HTTP requests under `/v1` per second and client address, twice as many at once; more get 429. Raise it behind a proxy that hides addresses.',
    },
  ),
  PROXY_HOPS: number(
    0,
    { min: 0, max: 10 },
    {
      description:
        'Proxies in front that add to `X-Forwarded-For`; with 0 the header is not believed. Too large, and clients can choose the address they are limited by.',
    },
  ),
  OUTBOX_BYTES_MAX: number(
    1_048_576,
    { min: 65_536, max: 1_073_741_824 },
    {
      description:
        'Unsent bytes of one WebSocket connection above which it gets the newest state in place of every step; at four times that it is closed with 4008.',
    },
  ),
  SUBSCRIPTION_INTERVAL_MS: number(
    200,
    { min: 20, max: 60_000 },
    { description: 'Least time between two pushes of a subscription.' },
  ),
  REDIS_TIMEOUT_MS: number(
    2_000,
    { min: 50, max: MS_MAX },
    { description: 'Longest wait for a Redis command; past it the outcome is unknown.' },
  ),
  ACK_TIMEOUT_MS: number(
    3_000,
    { min: 50, max: MS_MAX },
    {
      description:
        'Longest wait for the fsync or replication behind an `aof` or `replica` ack; past it the outcome is unknown. With `appendfsync everysec` an fsync may take a second or two.',
    },
  ),
  DATABASE_TIMEOUT_MS: number(
    10_000,
    { min: 100, max: MS_MAX },
    { description: 'Longest wait for a Postgres transaction; past it the outcome is unknown.' },
  ),
  DATABASE_CONNECTIONS_MAX: number(
    10,
    { min: 2, max: 1_000 },
    {
      description: 'Postgres connections of this server; keep the sum over servers below `max_connections`.',
    },
  ),
  FLUSH_LEASE_MS: number(
    5_000,
    { min: 500, max: MS_MAX },
    {
      description:
        "How long a season's flusher keeps its lease unrenewed: how late another server takes over from one that died.",
    },
  ),
  EVICT_IDLE_MS: number(
    3_600_000,
    { min: 1_000, max: 2_592_000_000 },
    {
      description:
        'How long no entry of a season must have changed before it is flushed and taken out of Redis; closed seasons leave after 30 seconds at most. The next look at an open one rebuilds it from Postgres.',
    },
  ),
  RECONCILE_INTERVAL_MS: number(
    60_000,
    { min: 100, max: 86_400_000 },
    {
      description:
        'How often Redis and the snapshot of each live season are compared and differences repaired; up to 20,000 entries of a season at a time.',
    },
  ),
  ALERT_WEBHOOK_URL: variable(
    urlSchema(['https', 'http']).optional(),
    urlType(['https', 'http']),
    {
      description: 'Where alerts are sent with POST, signed; without it they are in the log and the metrics.',
      secret: true,
      example: 'https://alerts.example.com/photofinish',
    },
    {},
  ),
  ALERT_WEBHOOK_SECRET: variable(
    z.string().min(16).max(4_096).optional(),
    'text of at least 16 characters',
    {
      description: 'Key of the HMAC-SHA256 signature of alerts; must be set with `ALERT_WEBHOOK_URL`.',
      secret: true,
    },
    {},
  ),
  EVENT_WEBHOOK_URL: variable(
    urlSchema(['https', 'http']).optional(),
    urlType(['https', 'http']),
    {
      description:
        'Where starts and ends of seasons are sent with POST, signed, each at least once; without it they are listed for admins only.',
      secret: true,
      example: 'https://game.example.com/seasons',
    },
    {},
  ),
  EVENT_WEBHOOK_SECRET: variable(
    z.string().min(16).max(4_096).optional(),
    'text of at least 16 characters',
    {
      description: 'Key of the HMAC-SHA256 signature of season events; must be set with `EVENT_WEBHOOK_URL`.',
      secret: true,
    },
    {},
  ),
  REDO_TICKS_MAX: number(
    200_000,
    { min: 0, max: 100_000_000 },
    {
      description:
        'Acked ticks, coalesced per player, that a server keeps until they are in Postgres, to apply them again when Redis loses its memory; about 400 bytes each. Past it the oldest are forgotten, which is logged and counted.',
    },
  ),
  SHUTDOWN_TIMEOUT_MS: number(
    15_000,
    { min: 100, max: MS_MAX },
    { description: 'Longest drain after SIGTERM; keep it below the grace time of your process manager.' },
  ),
  LOG_LEVEL: choice(LOG_LEVELS, 'info', { description: 'Least severe level that is logged.' }),
  ACCEPT_LOSS: flag(false, {
    description:
      'Start although Redis may lose acknowledged scores (no AOF, an evicting policy, a replica, a version below 7.0). Weakens the guarantee, and everything that shows the guarantee says so.',
  }),
} as const satisfies Record<string, Variable>;

type Variables = typeof VARIABLES;
export type VariableName = keyof Variables;

type CamelCase<S extends string> = S extends `${infer Head}_${infer Tail}`
  ? `${Lowercase<Head>}${Capitalize<CamelCase<Tail>>}`
  : Lowercase<S>;

/** `DATABASE_URL` is `databaseUrl`, and so on. Optional ones are undefined when not set. */
export type Config = { [N in VariableName as CamelCase<N>]: z.output<Variables[N]['schema']> };

export const configKeyOf = (name: string): string =>
  name.toLowerCase().replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

export interface ConfigProblem {
  variable: string;
  problem: string;
  fix: string;
}

/** All that is wrong with the environment, in one message. Holds no secret. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ variable, problem, fix }) => `  ${variable}: ${problem}. ${fix}.`);
    const count = problems.length === 1 ? 'is 1 problem' : `are ${problems.length} problems`;
    super(
      `there ${count} with the configuration (docs/config.md lists every variable):\n${lines.join('\n')}`,
    );
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/** An empty variable counts as one that is not set: compose files and shells write `NAME=` for it. */
const settingOf = (env: Environment, name: string): string | undefined => env[name]?.trim() || undefined;

/** @throws ConfigError with every problem, not the first one only */
export function loadConfig(env: Environment): Config {
  const { values, problems } = read(env, Object.keys(VARIABLES) as VariableName[]);
  problems.push(...problemsBetween(env));
  if (problems.length > 0) throw new ConfigError(problems);
  const config = values as Config;
  return { ...config, publicPage: config.publicPage && config.jwtSecret !== undefined };
}

export type TokenConfig = Pick<Config, 'jwtIssuer' | 'jwtAudience'> & { jwtSecret: string };

/** What minting a token needs of the configuration, and no more. @throws ConfigError */
export function loadTokenConfig(env: Environment): TokenConfig {
  const { values, problems } = read(env, ['JWT_SECRET', 'JWT_ISSUER', 'JWT_AUDIENCE']);
  if (settingOf(env, 'JWT_SECRET') === undefined)
    problems.push({
      variable: 'JWT_SECRET',
      problem: 'is not set, so there is nothing to sign a token with',
      fix: "Set it to the server's own JWT_SECRET",
    });
  if (problems.length > 0) throw new ConfigError(problems);
  return values as TokenConfig;
}

const STORES = ['DATABASE_URL', 'REDIS_URL', 'DATABASE_TIMEOUT_MS', 'REDIS_TIMEOUT_MS'] as const;

export type StoresConfig = Pick<Config, 'databaseUrl' | 'redisUrl' | 'databaseTimeoutMs' | 'redisTimeoutMs'>;

/** What looking into both stores needs of the configuration, and no more. @throws ConfigError */
export function loadStoresConfig(env: Environment): StoresConfig {
  const { values, problems } = read(env, STORES);
  if (problems.length > 0) throw new ConfigError(problems);
  return values as StoresConfig;
}

export type BoardsConfig = StoresConfig & Pick<Config, 'boardsFile'>;

/** For the boards command, which looks at the file that servers look at. @throws ConfigError */
export function loadBoardsConfig(env: Environment): BoardsConfig {
  const { values, problems } = read(env, [...STORES, 'BOARDS_FILE']);
  if (problems.length > 0) throw new ConfigError(problems);
  return values as BoardsConfig;
}

function read(env: Environment, names: readonly VariableName[]) {
  const problems: ConfigProblem[] = [];
  const values: Record<string, unknown> = {};
  for (const name of names) {
    const variable: Variable = VARIABLES[name];
    const value = settingOf(env, name) ?? variable.default;
    if (value === undefined && variable.required) {
      problems.push({ variable: name, problem: 'is not set', fix: fixOf(name, variable) });
      continue;
    }
    const parsed = variable.schema.safeParse(value);
    if (parsed.success) values[configKeyOf(name)] = parsed.data;
    else problems.push({ variable: name, problem: wrongValue(variable, value), fix: fixOf(name, variable) });
  }
  return { values, problems };
}

/** What no single variable can tell. */
function problemsBetween(env: Environment): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const secret = settingOf(env, 'JWT_SECRET');
  if (secret === undefined && settingOf(env, 'JWT_JWKS_URL') === undefined)
    problems.push({
      variable: 'JWT_SECRET',
      problem: 'is not set, and neither is JWT_JWKS_URL: no token could be verified',
      fix: 'Set it to the output of `openssl rand -base64 48`, or set JWT_JWKS_URL',
    });
  if (secret === undefined && settingOf(env, 'PUBLIC_PAGE') === 'true')
    problems.push({
      variable: 'PUBLIC_PAGE',
      problem: 'is true, but the page cannot have tokens without JWT_SECRET',
      fix: 'Set JWT_SECRET, or PUBLIC_PAGE to false',
    });
  if (
    settingOf(env, 'ALERT_WEBHOOK_URL') !== undefined &&
    settingOf(env, 'ALERT_WEBHOOK_SECRET') === undefined
  )
    problems.push({
      variable: 'ALERT_WEBHOOK_SECRET',
      problem: 'is not set, so the receiver of alerts could not tell ours from others',
      fix: 'Set it to the output of `openssl rand -base64 48`',
    });
  if (
    settingOf(env, 'EVENT_WEBHOOK_URL') !== undefined &&
    settingOf(env, 'EVENT_WEBHOOK_SECRET') === undefined
  )
    problems.push({
      variable: 'EVENT_WEBHOOK_SECRET',
      problem: 'is not set, so the receiver of season events could not tell ours from others',
      fix: 'Set it to the output of `openssl rand -base64 48`',
    });
  if (secret !== undefined && secret.length >= JWT_SECRET_LENGTH_MIN && new Set(secret).size < 8)
    problems.push({
      variable: 'JWT_SECRET',
      problem: 'repeats a few characters and can be guessed',
      fix: 'Set it to the output of `openssl rand -base64 48`',
    });
  return problems;
}

function wrongValue(variable: Variable, value: string | undefined): string {
  if (variable.secret || variable.type.startsWith('a URL'))
    return `must be ${variable.type}; the ${value?.length ?? 0} characters given are not`;
  return `must be ${variable.type}, not ${JSON.stringify((value ?? '').slice(0, 40))}`;
}

function fixOf(name: string, variable: Variable): string {
  if (name === 'JWT_SECRET') return 'Set it to the output of `openssl rand -base64 48`';
  if (variable.default !== undefined) return `Leave it out for ${variable.default}, or set ${variable.type}`;
  if (variable.required) return `Set it to ${variable.type}, as ${variable.example ?? 'described'}`;
  return `Leave it out, or set ${variable.type}`;
}
