/** The command that mints a token with the server's own secret: its arguments, and what is wrong with them. */
import { parseArgs } from 'node:util';
import { isId } from '@photofinish/shared/domain/ids';
import { ROLES } from '../board/principal.ts';
import { loadTokenConfig } from '../config.ts';
import { mintToken } from './tokens.ts';

export const USAGE = `usage: npm run --silent token -- --role ${ROLES.join('|')} --sub ID [--ttl 1h] [--bucket-key KEY]

  --role  what the token may do
  --sub   the player's id for a player token; a name for the others: 1 to 64 of A-Z a-z 0-9 . _ ~ -
  --ttl   how long it lives: a whole number and s, m, h or d, at most 365d (1h when left out)
  --bucket-key  of a player: whose buckets the player comes into, on boards with buckets by key

JWT_SECRET must be in the environment; JWT_ISSUER and JWT_AUDIENCE are used when set.`;

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };
const TTL_SECONDS_MAX = 365 * 86_400;

/** What the caller typed is wrong; the message says how to right it. */
export class UsageError extends Error {}

/** `90s`, `15m`, `1h`, `30d` to seconds. @throws UsageError */
export function ttlSecondsOf(text: string): number {
  const [, count, unit] = /^([0-9]{1,9})([smhd])$/.exec(text) ?? [];
  const seconds = Number(count) * (UNIT_SECONDS[unit ?? ''] ?? Number.NaN);
  if (!(seconds >= 1 && seconds <= TTL_SECONDS_MAX))
    throw new UsageError(
      `--ttl: must be a whole number and s, m, h or d, from 1s to 365d, not ${JSON.stringify(text)}`,
    );
  return seconds;
}

/** @throws UsageError, ConfigError */
export async function tokenOf(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const { role, sub, ttl, 'bucket-key': bucketKey } = optionsOf(args);
  const problems: string[] = [];
  const known = ROLES.find((name) => name === role);
  if (!known)
    problems.push(`--role: must be one of ${ROLES.join(', ')}${role ? `, not ${JSON.stringify(role)}` : ''}`);
  if (!isId(sub))
    problems.push('--sub: must be 1 to 64 characters out of A-Z a-z 0-9 . _ ~ -, as match-host');
  if (bucketKey !== undefined && !isId(bucketKey))
    problems.push('--bucket-key: must be 1 to 64 characters out of A-Z a-z 0-9 . _ ~ -');
  if (problems.length > 0 || !known || !isId(sub)) throw new UsageError(problems.join('\n'));
  const ttlSeconds = ttlSecondsOf(ttl ?? '1h');
  const { jwtSecret, jwtIssuer, jwtAudience } = loadTokenConfig(env);
  return mintToken({
    secret: jwtSecret,
    sub,
    role: known,
    ttlSeconds,
    bucketKey,
    issuer: jwtIssuer,
    audience: jwtAudience,
  });
}

function optionsOf(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        role: { type: 'string' },
        sub: { type: 'string' },
        ttl: { type: 'string' },
        'bucket-key': { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
