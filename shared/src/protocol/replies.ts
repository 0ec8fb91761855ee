/** What the server answers. `type` is `ok` or `error`, `id` that of the request (null where it had none).
 *  Replies keep request order per connection. */
import { z } from 'zod';
import { matchRulesSchema } from '../domain/match-rules.ts';
import type { ErrorCode } from './errors.ts';
import { type RequestType, requestIdSchema } from './requests.ts';

/** How safe an acknowledged change is: see the guarantee in the README.
 *  cache: in Redis, marked dirty in the same atomic step. aof: in its fsynced append-only file too. replica: on as many replicas as the
 *  board says too. database: in a committed Postgres transaction. */
export const ackSchema = z.enum(['cache', 'aof', 'replica', 'database']);

const position = {
  epoch: z.number().int().describe("The season's life in Redis; a rebuild starts a new one"),
  version: z.number().int().describe("The season's change counter within its epoch"),
};

export const rankedEntrySchema = z.object({
  rank: z.number().int().min(1).describe('1-based'),
  player: z.string(),
  name: z
    .string()
    .optional()
    .describe("The player's display name; absent where there is none, or the database cannot be asked"),
  score: z.number().int(),
  achievedAt: z
    .number()
    .int()
    .describe('Milliseconds since the Unix epoch when the entry reached this score'),
});

/** Beside a rank in the answer to a write. */
const standingFields = {
  hidden: z.literal(true).optional().describe('The player is hidden: the score counts and takes no place'),
  bucket: z.string().optional().describe("The entry's bucket, on boards with buckets"),
  bucketRank: z
    .number()
    .int()
    .min(1)
    .nullable()
    .optional()
    .describe('The rank in the bucket; null for the hidden'),
};

const tickResult = {
  rank: z.number().int().min(1).nullable().describe('1-based; null for a hidden player, who takes no place'),
  ...standingFields,
  score: z.number().int().describe("The entry's score after the tick"),
  improved: z.boolean().describe('Whether this tick changed the score'),
  repeat: z.literal(true).optional().describe('The seq was seen before, or is older: nothing changed'),
};

const refusal = z.object({
  code: z.string(),
  message: z.string(),
  retryable: z.boolean(),
  field: z.string().optional(),
  limit: z.string().optional(),
  fix: z.string().optional(),
  retryAfterMs: z.number().int().optional(),
});

const finalResult = {
  player: z.string(),
  score: z.number().int().describe('The final as stored'),
  confirmed: z.number().int().describe("The player's confirmed score in the season, by the board's operator"),
  duplicate: z.boolean().describe('The same final was stored before; nothing changed'),
  live: z
    .enum(['applied', 'pending'])
    .describe('pending: committed, and the live rank follows as soon as Redis can take it'),
  rank: z
    .number()
    .int()
    .min(1)
    .nullable()
    .optional()
    .describe('Live rank; absent while live is pending, null for a hidden player'),
  ...standingFields,
};

/** From live: ranks in Redis, newest. From snapshot: Postgres, as of the last flush.
 *  From settled: the standings that a settlement fixed. */
const source = z.enum(['live', 'snapshot', 'settled']);
const readHead = {
  board: z.string(),
  season: z.string(),
  state: z.string(),
  source,
  stale: z
    .literal(true)
    .optional()
    .describe(
      'From the snapshot while the season is being rebuilt or Redis cannot answer: newer scores are not in it',
    ),
  ...position,
  total: z.number().int().min(0).describe('Entries in the season'),
};

const ok = { type: z.literal('ok'), id: requestIdSchema };

export const replySchemas = {
  ping: z.object({ ...ok, serverTime: z.number().int(), protocol: z.literal(1) }),
  'match.start': z.object({
    ...ok,
    ack: ackSchema,
    match: z.string(),
    board: z.string(),
    season: z.string(),
    startedAt: z.number().int(),
    limits: matchRulesSchema
      .optional()
      .describe("The board's limits as they hold for this match; absent where there are none"),
    roster: z.number().int().min(1).optional().describe('Players on the roster; absent without one'),
  }),
  tick: z.object({ ...ok, ack: ackSchema, ...tickResult, ...position }),
  ticks: z.object({
    ...ok,
    ack: ackSchema,
    results: z
      .array(
        z.union([
          z.object({ player: z.string(), ...tickResult }),
          z.object({ player: z.string(), error: refusal }),
        ]),
      )
      .describe('In request order'),
    ...position,
  }),
  final: z.object({ ...ok, ack: ackSchema, ...finalResult }),
  'match.end': z.object({ ...ok, ack: ackSchema, match: z.string(), finals: z.array(z.object(finalResult)) }),
  top: z.object({ ...ok, ...readHead, entries: z.array(rankedEntrySchema) }),
  around: z.object({ ...ok, ...readHead, entries: z.array(rankedEntrySchema) }),
  rank: z.object({
    ...ok,
    ...readHead,
    entries: z
      .array(z.union([rankedEntrySchema, z.object({ player: z.string(), rank: z.null() })]))
      .describe('In request order; rank null where the player has no entry'),
  }),
  barrier: z.object({
    ...ok,
    ack: z.literal('database'),
    board: z.string(),
    season: z.string(),
    watermark: z
      .object({ ...position, at: z.number().int().describe('When it was committed') })
      .nullable()
      .describe('All changes up to it are in Postgres; null when there never were any'),
  }),
  subscribe: z.object({
    ...ok,
    subscription: z.number().int().min(1),
    ...readHead,
    entries: z.array(rankedEntrySchema),
  }),
  unsubscribe: z.object({ ...ok, subscription: z.number().int().min(1) }),
} as const satisfies Record<RequestType, z.ZodType>;

export const errorReplySchema = refusal.extend({ type: z.literal('error'), id: requestIdSchema.nullable() });

export type Ack = z.infer<typeof ackSchema>;
export type RankedEntry = z.infer<typeof rankedEntrySchema>;
export type Reply<T extends RequestType = RequestType> = { [K in T]: z.infer<(typeof replySchemas)[K]> }[T];
export type ErrorReply = Omit<z.infer<typeof errorReplySchema>, 'code'> & { code: ErrorCode };
