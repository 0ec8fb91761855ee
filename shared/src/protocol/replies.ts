/** What the server answers. `type` is `ok` or `error`, `id` that of the request (null where it had none).
 *  Replies keep request order per connection. */
import { z } from 'zod';
import { matchRulesSchema } from '../domain/match-rules.ts';
import type { ErrorCode } from './errors.ts';
import { positionFields, readSchemas } from './reads.ts';
import { type RequestType, requestIdSchema } from './requests.ts';

/** How safe an acknowledged change is: see the guarantee in the README.
 *  cache: in Redis, marked dirty in the same atomic step. aof: in its fsynced append-only file too. replica: on as many replicas as the
 *  board says too. database: in a committed Postgres transaction. */
export const ackSchema = z.enum(['cache', 'aof', 'replica', 'database']);

const watermarkSchema = z
  .object({ ...positionFields, at: z.number().int().describe('When it was committed') })
  .nullable()
  .describe('All changes up to it are in Postgres; null when there never were any');

/** How far a season is committed: the first answer of view `durability`, and its pushes. */
export const durabilityShape = {
  season: z.string(),
  state: z.string(),
  epoch: positionFields.epoch,
  watermark: watermarkSchema,
};

/** Numbers by name, on boards with columns; absent on others. */
const columns = z
  .record(z.string(), z.number().int())
  .optional()
  .describe("The entry's columns, on boards that have some");

const previous = {
  previousRank: z
    .number()
    .int()
    .min(1)
    .nullable()
    .describe(
      'Before it; null for a first entry, and for the hidden. As rank where the entry did not leave its place',
    ),
  previousScore: z.number().int().nullable().describe("The entry's score before it; null for a first entry"),
  improved: z
    .boolean()
    .describe('Whether the entry stands better than before: by score, or by columns when scores are equal'),
};

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
  rank: z
    .number()
    .int()
    .min(1)
    .nullable()
    .describe(
      '1-based, after all ticks that were applied with this one; null for a hidden player, who takes no place',
    ),
  ...standingFields,
  score: z.number().int().describe("The entry's score after the tick"),
  ...previous,
  columns,
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
  previousRank: previous.previousRank.optional(),
  previousScore: previous.previousScore.optional(),
  improved: previous.improved.optional(),
  columns: columns.describe('The columns of the final as stored, on boards that have some'),
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
  tick: z.object({ ...ok, ack: ackSchema, ...tickResult, ...positionFields }),
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
    ...positionFields,
  }),
  final: z.object({ ...ok, ack: ackSchema, ...finalResult }),
  'match.end': z.object({ ...ok, ack: ackSchema, match: z.string(), finals: z.array(z.object(finalResult)) }),
  'match.abandon': z.object({
    ...ok,
    ack: ackSchema,
    match: z.string(),
    endedAt: z.number().int().describe('When it was abandoned'),
  }),
  top: z.object({ ...ok, ...readSchemas.page.shape }),
  around: z.object({ ...ok, ...readSchemas.entries.shape }),
  rank: z.object({ ...ok, ...readSchemas.ranks.shape }),
  range: z.object({ ...ok, ...readSchemas.range.shape }),
  barrier: z.object({
    ...ok,
    ack: z.literal('database'),
    board: z.string(),
    season: z.string(),
    watermark: watermarkSchema,
  }),
  subscribe: z.union([
    z.object({
      ...ok,
      subscription: z.number().int().min(1),
      ...readSchemas.entries.shape,
    }),
    z.object({ ...ok, subscription: z.number().int().min(1), ...readSchemas.ranks.shape }),
    z.object({ ...ok, subscription: z.number().int().min(1), board: z.string(), ...durabilityShape }),
  ]),
  unsubscribe: z.object({ ...ok, subscription: z.number().int().min(1) }),
} as const satisfies Record<RequestType, z.ZodType>;

export const errorReplySchema = refusal.extend({ type: z.literal('error'), id: requestIdSchema.nullable() });

export type Ack = z.infer<typeof ackSchema>;
export type Reply<T extends RequestType = RequestType> = { [K in T]: z.infer<(typeof replySchemas)[K]> }[T];
export type ErrorReply = Omit<z.infer<typeof errorReplySchema>, 'code'> & { code: ErrorCode };
