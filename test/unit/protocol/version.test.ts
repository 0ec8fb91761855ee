import { createHash } from 'node:crypto';
import { CLOSES } from '@photofinish/shared/protocol/closes';
import { ERRORS } from '@photofinish/shared/protocol/errors';
import { LIMITS } from '@photofinish/shared/protocol/limits';
import { pushSchemas } from '@photofinish/shared/protocol/pushes';
import { errorReplySchema, replySchemas } from '@photofinish/shared/protocol/replies';
import { requestSchemas } from '@photofinish/shared/protocol/requests';
import {
  BEARER_SUBPROTOCOL_PREFIX,
  PROTOCOL_VERSION,
  SUBPROTOCOL,
} from '@photofinish/shared/protocol/version';
import { expect, test } from 'vitest';
import { z } from 'zod';

/** By protocol version; one line per part, so that a failure says which one changed. */
const PINNED: Record<number, Record<string, string>> = {
  1: {
    requests: '83f7011f5c47f3ee',
    replies: 'b27fcb4ebffb88b3',
    pushes: '03280d6aa08f5011',
    errors: '4a69a44c559005b9',
    closes: '5b7bca5f1852d369',
    limits: 'c1e173f3c2988223',
    names: 'b086daf374b83fb3',
  },
};

const schemasOf = (schemas: Record<string, z.ZodType>, io: 'input' | 'output') =>
  Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, z.toJSONSchema(schema, { io })]));

/** Descriptions and messages are papers, not wire: they may be improved freely. */
function wireOnly(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(wireOnly);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .filter(([key, part]) => !(key === 'description' && typeof part === 'string') && key !== '$schema')
    .map(([key, part]) => [key, wireOnly(part)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries);
}

const fingerprint = (value: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(wireOnly(value)))
    .digest('hex')
    .slice(0, 16);

const closes = Object.fromEntries(
  Object.entries(CLOSES).map(([name, { code, comeBack }]) => [name, { code, comeBack }]),
);

test('[WR13] the wire is the one that this protocol version names', () => {
  const now = {
    requests: fingerprint(schemasOf(requestSchemas, 'input')),
    replies: fingerprint(schemasOf({ ...replySchemas, error: errorReplySchema }, 'output')),
    pushes: fingerprint(schemasOf(pushSchemas, 'output')),
    errors: fingerprint(ERRORS),
    closes: fingerprint(closes),
    limits: fingerprint(LIMITS),
    names: fingerprint({ PROTOCOL_VERSION, SUBPROTOCOL, BEARER_SUBPROTOCOL_PREFIX }),
  };
  expect(
    now,
    [
      'The wire protocol has changed. If a client of today would misread it (a field removed, renamed, or with another meaning; a request',
      'refused that was taken), give it a new PROTOCOL_VERSION and SUBPROTOCOL in shared/src/protocol/version.ts, with a line in its history.',
      'If it only adds what old clients pass over, add a line to the history of the same version. Then pin the new fingerprint here and',
      'bring docs/protocol.md up to date.',
    ].join('\n'),
  ).toEqual(PINNED[PROTOCOL_VERSION]);
});
