/** What the HTTP API answers and takes in the path and query; bodies of boards are the domain's own schema. */
import { z } from '@hono/zod-openapi';
import { boardInputSchema, boardSchema, idSchema, scoreSchema } from '@photofinish/shared/domain/board';
import { RANKINGS } from '@photofinish/shared/domain/rank';
import { SCORE_MAX, SCORE_MIN } from '@photofinish/shared/domain/score';
import { SEASON_STATES } from '@photofinish/shared/domain/season';
import { LIMITS } from '@photofinish/shared/protocol/limits';
import { bucketSchema, cursorSchema, readSchemas } from '@photofinish/shared/protocol/reads';
import { ackSchema } from '@photofinish/shared/protocol/replies';
import { isRange, RANGE_RULE } from '@photofinish/shared/protocol/requests';
import { FLAG_KINDS, FLAG_STATUSES } from '../board/flag-store.ts';
import { MOMENT, moment } from './moment.ts';

const SCORE_RULE = `must be a whole number from ${SCORE_MIN} to ${SCORE_MAX}`;

/** A list in the query must fit into the head of a request, which Node bounds at 16 KiB. */
export const PLAYERS_PER_QUERY_MAX = 100;

const timestamp = (what: string) =>
  z.number().int().describe(`${what}, in milliseconds since the Unix epoch`);

export const boardBody = boardInputSchema;

const storedFields = {
  version: z.number().int().describe('Grows with every change; also the ETag, for If-Match'),
  createdAt: timestamp('When it was made'),
  updatedAt: timestamp('When it was changed last'),
  archivedAt: timestamp('When it was archived; absent while it is in use').optional(),
};
export const storedBoardAnswer = boardSchema.extend(storedFields).meta({ id: 'StoredBoard' });
export const boardPatch = z
  .record(z.string(), z.unknown())
  .describe(
    'A merge patch (RFC 7396) of a Board: what it names changes, null puts a setting back to its default. id, kind, sortOrder, operator, columns and buckets never change',
  )
  .meta({ id: 'BoardPatch' });
export const ifMatch = z.object({
  'if-match': z
    .string()
    .regex(/^(?:"\d{1,10}"|\*)$/, 'must be one ETag, as the board was answered with: "7"')
    .optional()
    .describe(
      'The version that the change was thought out for, as in the ETag; 412 when it is another by now',
    ),
});

const lossAccepted = {
  lossAccepted: z
    .array(z.string())
    .optional()
    .describe(
      'Why this server may lose what it acknowledges: it was started with ACCEPT_LOSS. Absent where the guarantee holds',
    ),
};
const limits = z
  .object(
    Object.fromEntries(Object.keys(LIMITS).map((name) => [name, z.number().int()])) as Record<
      keyof typeof LIMITS,
      z.ZodNumber
    >,
  )
  .describe('Bounds of requests, the same on every board');
const boundaries = {
  boundaries: z
    .object({
      previous: timestamp('The last one').optional(),
      next: timestamp('When the season ends and the next one begins').optional(),
    })
    .optional()
    .describe('Of its schedule; absent on boards without one'),
};
export const boardReadAnswer = boardSchema
  .extend({ ...storedFields, ...boundaries, limits, ...lossAccepted })
  .meta({ id: 'BoardRead' });
const nextCursor = z.string().optional().describe('Send it as cursor for what follows; absent at the end');
export const boardsAnswer = z
  .object({
    boards: z.array(boardSchema.extend({ archivedAt: storedFields.archivedAt, ...boundaries })),
    next: nextCursor,
    ...lossAccepted,
  })
  .meta({ id: 'Boards' });
export const storedBoardsAnswer = z
  .object({ boards: z.array(storedBoardAnswer), next: nextCursor })
  .meta({ id: 'StoredBoards' });

const state = z.enum(SEASON_STATES);
export const seasonAnswer = z
  .object({
    id: z.string(),
    board: z.string(),
    number: z.number().int().describe("1 for the board's first season"),
    state,
    epoch: z.number().int().describe("The season's life in Redis; a rebuild starts a new one"),
    startedAt: timestamp('When it opened; of an upcoming one, when it is to open'),
    endsAt: timestamp('When it is to end, or was').optional(),
    closingAt: timestamp('When it began to close').optional(),
    closedAt: timestamp('When it was closed').optional(),
    frozenAt: timestamp('From when on nothing changes what it shows').optional(),
    ranking: z
      .enum(RANKINGS)
      .optional()
      .describe('How its ranks are numbered, since it ended; absent while the board says it'),
  })
  .meta({ id: 'Season' });
export const seasonsAnswer = z
  .object({
    seasons: z.array(seasonAnswer).describe('Newest first'),
    next: z.number().int().optional().describe('Send as `before` for older ones; absent when there are none'),
  })
  .meta({ id: 'Seasons' });

export const entriesAnswer = readSchemas.entries.meta({ id: 'Entries' });
export const pageAnswer = readSchemas.page.meta({ id: 'Page' });
export const rangeAnswer = readSchemas.range.meta({ id: 'Range' });
export const ranksAnswer = readSchemas.ranks.meta({ id: 'Ranks' });

export const windowAnswer = z
  .object({
    season: z.string(),
    board: z.string(),
    state,
    epoch: z.number().int(),
    version: z.number().int(),
    dirty: z.number().int().describe('Entries in Redis and not yet in Postgres'),
    oldestDirtyMs: z
      .number()
      .describe('Age of the oldest of them: how much a loss of Redis now could cost. 0 when there are none'),
    watermark: z
      .object({ epoch: z.number().int(), version: z.number().int(), at: timestamp('When it was committed') })
      .nullable()
      .describe(
        'All changes up to it are in Postgres; null before the first flush. While Postgres does not answer: the last one known',
      ),
    ...lossAccepted,
  })
  .meta({ id: 'Window' });

export const durabilityAnswer = windowAnswer
  .extend({
    acks: z
      .object({ tick: ackSchema, final: z.literal('database') })
      .describe('What an ack of this board names'),
    redoTicks: z
      .number()
      .int()
      .describe(
        'Acked ticks that the server that answers would apply again if Redis lost its memory now, coalesced; other servers keep what they acked themselves',
      ),
    redoForgotten: z
      .number()
      .int()
      .describe(
        'Acked ticks that the server that answers had to forget (REDO_TICKS_MAX) before they were committed: a loss of Redis now would cost them. Other servers are not counted',
      ),
    atRisk: z
      .array(
        z.object({
          fault: z.string(),
          entries: z.number().int().describe('Entries that it could set back now, at most'),
        }),
      )
      .describe('What would be lost by which fault'),
  })
  .meta({ id: 'Durability' });

export const flagAnswer = z
  .object({
    id: z.number().int(),
    kind: z.enum(FLAG_KINDS),
    board: z.string(),
    season: z.string(),
    match: z.string(),
    player: z.string(),
    detail: z
      .record(z.string(), z.union([z.number(), z.string()]))
      .describe(
        'final-tolerance: the final, the lastTick, the tolerance, and the source of the tick: live, or snapshot where Redis had lost it',
      ),
    at: timestamp('When it was raised'),
    status: z.enum(FLAG_STATUSES),
    decidedAt: timestamp('When it was cleared or confirmed').nullable(),
    decidedBy: z.string().nullable().describe('Subject of the token that did it'),
  })
  .meta({ id: 'Flag' });

export const settlementAnswer = z
  .object({
    id: z.string(),
    season: z.string(),
    board: z.string(),
    preview: z.boolean().describe('true: computed now, and nothing was written'),
    settledAt: timestamp('When'),
    standings: z.number().int().describe('Rows of the settled standings'),
    currency: z.string(),
    amountMinor: z.number().int().describe('Sum of all awards, in minor units'),
    sha256: z
      .string()
      .describe(
        'Of the settled standings: one line `rank TAB player TAB score TAB achievedAtMs LF` each, in rank order',
      ),
    sha256Now: z
      .string()
      .optional()
      .describe(
        'Of the table as it is since players of it were deleted: the same lines under pseudonyms. `sha256` stays',
      ),
    awards: z.array(
      z.object({
        player: z.string(),
        rank: z.number().int(),
        score: z.number().int(),
        amountMinor: z.number().int(),
      }),
    ),
    openFlags: z
      .array(flagAnswer)
      .optional()
      .describe('Of a preview: open flags of players who would be paid; settling waits for each'),
  })
  .meta({ id: 'Settlement' });

const importCounts = {
  lines: z.number().int().describe('Read so far'),
  imported: z.number().int().describe('New rows, committed'),
  replaced: z
    .number()
    .int()
    .describe('Of those, entries that had another score or time before: mode replace'),
  unchanged: z.number().int().describe('Rows that were there before, the same'),
  refused: z.number().int().describe('Lines that were not taken'),
};
const whyRefused = { code: z.string(), message: z.string(), retryable: z.boolean() };
export const importEvent = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('progress'), ...importCounts }),
    z.object({ type: z.literal('refused'), line: z.number().int().describe('1-based'), ...whyRefused }),
    z.object({
      type: z.literal('done'),
      ...importCounts,
      refusalsNamed: z.number().int().describe('Refused lines that were named; the rest was counted'),
      ms: z.number().int(),
    }),
    z.object({ type: z.literal('failed'), ...importCounts, ...whyRefused }),
  ])
  .meta({ id: 'ImportEvent' });

export const problemAnswer = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.string().describe('Stable; what a program should look at'),
    message: z.string().describe('The same text as detail'),
    retryable: z.boolean(),
    field: z.string().optional().describe('What was wrong'),
    limit: z.string().optional().describe('The bound that it passed'),
    fix: z.string().optional().describe('What to do about it'),
    retryAfterMs: z.number().int().optional(),
    instance: z.string().optional().describe('Names the log line of a failure inside the server'),
    reasons: z.array(z.string()).optional(),
  })
  .meta({ id: 'Problem' });

export const boardParam = z.object({ board: idSchema });
export const seasonParam = z.object({ season: idSchema });
export const playerParam = z.object({ board: idSchema, player: idSchema });

const count = (min: number, max: number, fallback: number) => {
  const bounds = `must be a whole number from ${min} to ${max}`;
  return z.coerce.number(bounds).int(bounds).min(min, bounds).max(max, bounds).default(fallback);
};
const season = idSchema.optional().describe('A past season; the current one when left out');

export const noQuery = z.strictObject({});
export const boardsQuery = z.strictObject({
  limit: count(1, 1_000, 100),
  cursor: idSchema.optional().describe('The `next` of the page before'),
  archived: z
    .enum(['false', 'true', 'all'])
    .default('false')
    .describe('false: boards in use; true: archived ones; all: both'),
});
export const seasonsQuery = z.strictObject({
  limit: count(1, 1_000, 100),
  before: z.coerce
    .number()
    .int()
    .min(1)
    .max(Number.MAX_SAFE_INTEGER)
    .optional()
    .describe('Seasons with a smaller number; the `next` of the page before'),
});
const cursor = cursorSchema.optional();
const bucket = bucketSchema.optional();
const page = { limit: count(1, LIMITS.readEntriesMax, 10), cursor, season, bucket };
export const topQuery = z.strictObject(page);
const scoreBound = (what: string) =>
  z.coerce.number(SCORE_RULE).pipe(scoreSchema).optional().describe(`${what} score of the range, included`);
export const rangeQuery = z
  .strictObject({ scoreMin: scoreBound('Least'), scoreMax: scoreBound('Largest'), ...page })
  .refine(isRange, RANGE_RULE);
export const aroundQuery = z.strictObject({
  above: count(0, 100, 5),
  below: count(0, 100, 5),
  season,
  bucket,
});
export const ranksQuery = z.strictObject({
  players: z
    .string()
    .describe(`Player ids separated by commas, at most ${PLAYERS_PER_QUERY_MAX}`)
    .transform((list) => list.split(','))
    .pipe(z.array(idSchema).min(1).max(PLAYERS_PER_QUERY_MAX)),
  season,
});
export const importQuery = z.strictObject({
  mode: z
    .enum(['add', 'replace'])
    .default('add')
    .describe(
      'add: what stands stays, other rows are refused. replace: a correction; a row takes the place of what ticks or imports left, the last row of a player stands, and what finals say stays',
    ),
});
export const previewQuery = z.strictObject({
  preview: z.enum(['', 'true', 'false']).optional().describe('`?preview`: compute without writing'),
});
export const openBody = z.strictObject({
  startsAt: moment.optional().describe(`When it opens by itself; now when left out: ${MOMENT}`),
  endsAt: moment.optional().describe('When it ends by itself; when an admin closes it, when left out'),
});
export const closeBody = z.strictObject({
  now: z.boolean().default(false).describe('true: close at once, without the grace time for finals'),
});
