/** What reads answer, over the wire and over HTTP alike. */
import { z } from 'zod';
import { SEASON_STATES } from '../domain/season.ts';

export const positionFields = {
  epoch: z.number().int().describe("The season's life in Redis; a rebuild starts a new one"),
  version: z.number().int().describe("The season's change counter within its epoch"),
};

const rank = z.number().int().min(1).describe('1-based, as the ranking of the board numbers equal scores');

const shownEntry = {
  player: z.string(),
  name: z
    .string()
    .optional()
    .describe("The player's display name; absent where there is none, or the database cannot be asked"),
  score: z.number().int(),
  columns: z
    .record(z.string(), z.number().int())
    .optional()
    .describe("The board's columns, where it has some: of the same run as the score"),
  achievedAt: z
    .number()
    .int()
    .describe('Milliseconds since the Unix epoch when the entry reached this score'),
  metadata: z
    .record(z.string(), z.unknown())
    .optional()
    .describe("The run's metadata, where the board keeps some and the run brought some"),
};

export const rankedEntrySchema = z.object({
  rank,
  place: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe('Position in the total order, 1-based; left out where it is the rank'),
  ...shownEntry,
});

const inBucket = {
  bucket: z.string().optional().describe("The entry's bucket, on boards with buckets"),
  bucketRank: z.number().int().min(1).optional().describe('The rank in it'),
};

export const playerRankSchema = z.union([
  rankedEntrySchema.extend({
    ...inBucket,
    percentile: z
      .number()
      .min(0)
      .max(100)
      .describe(
        'Percent of the entries that this one beats or ties, itself included, rounded down to hundredths: 100 when nobody is better',
      ),
  }),
  z
    .object({ ...shownEntry, bucket: inBucket.bucket, rank: z.null(), hidden: z.literal(true) })
    .describe(
      'A hidden player as it sees itself, and as servers and admins do: with a score and without a rank',
    ),
  z.object({ player: z.string(), rank: z.null() }),
]);

const headFields = {
  board: z.string(),
  season: z.string(),
  state: z.enum(SEASON_STATES),
  source: z
    .enum(['live', 'snapshot', 'settled'])
    .describe(
      'live: ranks in Redis, newest. snapshot: Postgres, as of the last flush. settled: the standings that a settlement fixed',
    ),
  stale: z
    .literal(true)
    .optional()
    .describe(
      'From the snapshot while the season is being rebuilt or Redis cannot answer: newer scores are not in it',
    ),
  ...positionFields,
  bucket: z.string().optional().describe('The bucket whose ranking this is; absent for the whole season'),
  total: z.number().int().min(0).describe('Entries that have a place'),
};

export const bucketSchema = z
  .string()
  .regex(/^(all|([A-Za-z0-9._~-]{1,64}\.)?[1-9][0-9]{0,8})$/, 'use a bucket as an answer names it, or all')
  .describe('On boards with buckets: the ranking of this bucket alone, or all for the whole season');

export const cursorSchema = z
  .string()
  .max(512)
  .describe('`next` or `previous` of an earlier answer; of the same season');

const cursorFields = {
  next: z.string().optional().describe('The cursor of the entries below these; left out at the end'),
  previous: z.string().optional().describe('The cursor of the entries above these; left out at the top'),
};

const entries = z.array(rankedEntrySchema).describe('In the total order');

export const readSchemas = {
  /** A part of the board, with nothing to go on from. */
  entries: z.object({ ...headFields, entries }),
  page: z.object({ ...headFields, entries, ...cursorFields }),
  range: z.object({
    ...headFields,
    count: z.number().int().min(0).describe('Entries in the range'),
    entries,
    ...cursorFields,
  }),
  ranks: z.object({
    ...headFields,
    entries: z
      .array(playerRankSchema)
      .describe('In the order asked; rank null where the player has no entry'),
  }),
} as const;

export type RankedEntry = z.infer<typeof rankedEntrySchema>;
export type PlayerRank = z.infer<typeof playerRankSchema>;
export type ReadHead = Omit<z.infer<typeof readSchemas.entries>, 'entries'>;
export type EntriesAnswer = z.infer<typeof readSchemas.entries>;
export type PageAnswer = z.infer<typeof readSchemas.page>;
export type RangeAnswer = z.infer<typeof readSchemas.range>;
export type RanksAnswer = z.infer<typeof readSchemas.ranks>;
