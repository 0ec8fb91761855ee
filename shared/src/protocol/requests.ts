/** What a client may send: one JSON object per document, `type` and `id` in each.
 *  The `tick` document has a hand-written check beside it (server/src/ws), held to this schema by a test. */
import { z } from 'zod';
import { idSchema, scoreSchema } from '../domain/board.ts';
import { COLUMNS_MAX } from '../domain/columns.ts';
import { MATCH_PLAYERS_MAX } from '../domain/match-rules.ts';
import { SCORE_MAX } from '../domain/score.ts';
import { LIMITS } from './limits.ts';
import { bucketSchema, cursorSchema } from './reads.ts';

/** Chosen by the client, echoed in the reply; unique among its requests under way. */
export const requestIdSchema = z
  .union([z.number().int().min(0).max(Number.MAX_SAFE_INTEGER), idSchema])
  .describe('A whole number from 0 to 2^53 - 1, or an id of 1 to 64 characters; echoed in the reply');

const seqSchema = z
  .number()
  .int()
  .min(1)
  .max(SCORE_MAX)
  .describe(
    "The writer's counter for this player's ticks, growing within a season; a repeat or an older one changes nothing",
  );

/** What a run brings beside its score. */
const unit = {
  columns: z
    .record(idSchema, scoreSchema)
    .refine(
      (columns) => Object.keys(columns).length <= COLUMNS_MAX,
      `a board has at most ${COLUMNS_MAX} columns; send those of the board`,
    )
    .optional()
    .describe(
      "The board's columns by name, all of them, as the score stands; as deltas beside a delta. Boards with columns only",
    ),
  metadata: z
    .record(z.string(), z.unknown())
    .optional()
    .describe(
      'A JSON object of the sender, shown with the entry. Boards with entryMetadata only, up to its bytesMax',
    ),
  bucketKey: idSchema
    .optional()
    .describe(
      "Boards with buckets by key, server tokens only: whose buckets the player comes into with the first score; a player's is in the token",
    ),
};

const writtenScore = {
  score: scoreSchema
    .optional()
    .describe("The score as it stands: the match's so far, or the player's on an open board"),
  delta: scoreSchema.optional().describe('Points to add; boards with operator sum only, and needs a seq'),
  seq: seqSchema.optional(),
  ...unit,
};

const scoreRules = (
  tick: { score?: number | undefined; delta?: number | undefined; seq?: number | undefined },
  ctx: z.RefinementCtx,
) => {
  if ((tick.score === undefined) === (tick.delta === undefined))
    ctx.addIssue({
      code: 'custom',
      path: ['score'],
      message: 'exactly one of score and delta is taken; send one of them',
    });
  if (tick.delta !== undefined && tick.seq === undefined)
    ctx.addIssue({
      code: 'custom',
      path: ['seq'],
      message: 'a delta needs a seq, so that a resend cannot count twice; send a seq',
    });
};

const target = {
  match: idSchema.optional().describe('The match, on boards of kind match'),
  board: idSchema.optional().describe('The board, on boards of kind open'),
};

const targetRule = (
  tick: { match?: string | undefined; board?: string | undefined },
  ctx: z.RefinementCtx,
) => {
  if ((tick.match === undefined) === (tick.board === undefined))
    ctx.addIssue({
      code: 'custom',
      path: ['match'],
      message:
        'exactly one of match and board is taken; send match on a match board, or board on an open board',
    });
};

const base = <T extends string>(type: T) => ({ type: z.literal(type), id: requestIdSchema });
const seasonRead = {
  board: idSchema,
  season: idSchema.optional().describe('A past season; the current one when left out'),
};
const limitSchema = (max: number, fallback: number) => z.number().int().min(1).max(max).default(fallback);
const pageFields = {
  bucket: bucketSchema.optional(),
  limit: limitSchema(LIMITS.readEntriesMax, 10),
  cursor: cursorSchema.optional(),
};
const rangeFields = {
  scoreMin: scoreSchema.optional().describe('Least score of the range, included; open when left out'),
  scoreMax: scoreSchema.optional().describe('Largest score of the range, included; open when left out'),
};
export const isRange = (range: { scoreMin?: number | undefined; scoreMax?: number | undefined }): boolean =>
  range.scoreMin === undefined || range.scoreMax === undefined || range.scoreMin <= range.scoreMax;
export const RANGE_RULE = {
  message: 'scoreMin is at most scoreMax; send the smaller one as scoreMin',
  path: ['scoreMin'],
};

export const tickSchema = z
  .strictObject({
    ...base('tick'),
    ...target,
    player: idSchema.optional().describe("Whose score; a player's own when left out"),
    ...writtenScore,
  })
  .superRefine((tick, ctx) => {
    targetRule(tick, ctx);
    scoreRules(tick, ctx);
  });

export const ticksSchema = z
  .strictObject({
    ...base('ticks'),
    ...target,
    ticks: z
      .array(z.strictObject({ player: idSchema, ...writtenScore }).superRefine(scoreRules))
      .min(1)
      .max(LIMITS.itemsPerRequestMax),
  })
  .superRefine(targetRule);

const finalItem = { player: idSchema, score: scoreSchema, ...unit };

export const requestSchemas = {
  ping: z.strictObject(base('ping')),
  'match.start': z.strictObject({
    ...base('match.start'),
    board: idSchema,
    roster: z
      .array(idSchema)
      .min(1)
      .max(MATCH_PLAYERS_MAX)
      .optional()
      .describe('Who plays it: ticks and finals of anybody else are refused. Anybody, when left out'),
  }),
  tick: tickSchema,
  ticks: ticksSchema,
  final: z.strictObject({ ...base('final'), match: idSchema, ...finalItem }),
  'match.end': z.strictObject({
    ...base('match.end'),
    match: idSchema,
    finals: z
      .array(z.strictObject(finalItem))
      .max(LIMITS.itemsPerRequestMax)
      .describe('All finals of the match that were not sent yet; all are taken or none'),
  }),
  'match.abandon': z.strictObject({ ...base('match.abandon'), match: idSchema }),
  top: z.strictObject({ ...base('top'), ...seasonRead, ...pageFields }),
  range: z
    .strictObject({ ...base('range'), ...seasonRead, ...rangeFields, ...pageFields })
    .refine(isRange, RANGE_RULE),
  around: z.strictObject({
    ...base('around'),
    ...seasonRead,
    player: idSchema.optional().describe("A player's own entry when left out"),
    bucket: bucketSchema
      .optional()
      .describe("The player's own bucket when left out; all for the whole season"),
    above: z.number().int().min(0).max(100).default(5),
    below: z.number().int().min(0).max(100).default(5),
  }),
  rank: z.strictObject({
    ...base('rank'),
    ...seasonRead,
    players: z
      .array(idSchema)
      .min(1)
      .max(LIMITS.readEntriesMax)
      .optional()
      .describe("A player's own rank when left out"),
  }),
  barrier: z.strictObject({ ...base('barrier'), ...seasonRead }),
  subscribe: z
    .strictObject({
      ...base('subscribe'),
      view: z
        .enum(['top', 'durability'])
        .default('top')
        .describe('top: the first places of a board. durability: how far a season is committed'),
      board: idSchema.optional().describe('Its current season'),
      season: idSchema.optional().describe('View durability: this season'),
      match: idSchema.optional().describe('View durability: the season of this match'),
      bucket: bucketSchema.optional(),
      limit: limitSchema(LIMITS.subscribedEntriesMax, 10),
    })
    .superRefine(({ view, board, season, match }, ctx) => {
      const named = [board, season, match].filter((id) => id !== undefined).length;
      if (view === 'top' && (board === undefined || named > 1))
        ctx.addIssue({
          code: 'custom',
          path: ['board'],
          message: 'view top takes a board, no season and no match; send a board alone',
        });
      if (view === 'durability' && named !== 1)
        ctx.addIssue({
          code: 'custom',
          path: ['board'],
          message: 'view durability follows one season; send exactly one of board, season and match',
        });
    }),
  unsubscribe: z.strictObject({ ...base('unsubscribe'), subscription: z.number().int().min(1) }),
} as const;

export type RequestType = keyof typeof requestSchemas;
/** A request as the server sees it, defaults filled in. */
export type Request<T extends RequestType = RequestType> = {
  [K in T]: z.output<(typeof requestSchemas)[K]>;
}[T];
/** A request as a client writes it, without the id that the SDK gives it. */
export type RequestBody<T extends RequestType> = Omit<z.input<(typeof requestSchemas)[T]>, 'id' | 'type'>;
