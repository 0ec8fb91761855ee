/** A board: a named leaderboard and its rules. The schema is the one source of its type, its defaults, its limits and
 *  its documentation; boards.json, the admin API and the database all pass through it. */
import { z } from 'zod';
import { COLUMNS_MAX } from './columns.ts';
import { ID_PATTERN } from './ids.ts';
import { matchRulesSchema } from './match-rules.ts';
import { RANKINGS } from './rank.ts';
import { SCORE_MAX, SCORE_MIN } from './score.ts';

export const idSchema = z
  .string()
  .regex(ID_PATTERN, 'use 1 to 64 characters out of A-Z a-z 0-9 . _ ~ -')
  .describe('ASCII id: 1 to 64 of A-Z a-z 0-9 . _ ~ -');

export const scoreSchema = z
  .number()
  .int(`use a whole number from ${SCORE_MIN} to ${SCORE_MAX}`)
  .min(SCORE_MIN)
  .max(SCORE_MAX)
  .describe('A safe integer, |score| <= 2^53 - 1');

const writerSchema = z.enum(['player', 'server']);

export const prizeBandSchema = z
  .strictObject({
    from: z.number().int().min(1).describe('First place of the band, 1-based'),
    to: z.number().int().min(1).max(1_000_000).describe('Last place of the band, included'),
    amountMinor: z.number().int().min(1).max(SCORE_MAX).describe('Amount per place in minor units (cents)'),
  })
  .refine((band) => band.from <= band.to, { message: 'from must not be past to', path: ['to'] });

export const columnSchema = z.strictObject({
  id: idSchema,
  sortOrder: z.enum(['desc', 'asc']).default('desc').describe('desc: the larger number is better'),
});

/** It stands in Redis with every entry, twice while a match is played. */
export const METADATA_BYTES_MAX = 2_048;

export const boardSchema = z
  .strictObject({
    id: idSchema,
    title: z.string().min(1).max(200),
    visibility: z
      .enum(['public', 'private'])
      .default('public')
      .describe('private: not listed, and read with player, server and admin tokens only'),
    scale: z
      .number()
      .int()
      .min(0)
      .max(9)
      .default(0)
      .describe('Decimals for display: with 2, a score of 1250 is shown as 12.50. Never used in arithmetic'),
    kind: z
      .enum(['open', 'match'])
      .default('match')
      .describe('match: ticks and finals of matches; open: ticks alone are the record'),
    sortOrder: z.enum(['desc', 'asc']).default('desc').describe('desc: the larger score is better'),
    operator: z.enum(['best', 'latest', 'sum']).default('best').describe('How scores of one player combine'),
    columns: z
      .array(columnSchema)
      .max(COLUMNS_MAX)
      .refine(
        (columns) => new Set(columns.map(({ id }) => id)).size === columns.length,
        'name each column once',
      )
      .default([])
      .describe('What is compared, in this order, when scores are equal; sent with each score, all of them'),
    entryMetadata: z
      .strictObject({
        keep: z
          .enum(['latest', 'best'])
          .default('best')
          .describe(
            'best: the metadata of the run whose score is shown; latest: what was sent last. Operators latest and sum keep the latest',
          ),
        bytesMax: z.number().int().min(2).max(METADATA_BYTES_MAX).default(METADATA_BYTES_MAX),
      })
      .optional()
      .describe(
        'Whether entries carry metadata, a JSON object sent with a score; none is taken when left out',
      ),
    ranking: z
      .enum(RANKINGS)
      .default('ordinal')
      .describe('How equal scores are numbered: ordinal 1-2-3, competition 1-1-3, dense 1-1-2'),
    buckets: z
      .strictObject({
        size: z.number().int().min(2).max(10_000).describe('Players in a bucket'),
        by: z
          .enum(['arrival', 'key'])
          .default('arrival')
          .describe(
            'arrival: in order of first score, buckets 1, 2, 3 …; key: by the `bucketKey` of the first score, buckets key.1, key.2 …',
          ),
      })
      .optional()
      .describe('Puts players in buckets of a size, each with ranks of its own; one board when left out'),
    scoreMin: scoreSchema.default(SCORE_MIN).describe('Least score that a tick or final may carry'),
    scoreMax: scoreSchema.default(SCORE_MAX).describe('Largest score that a tick or final may carry'),
    authoritative: z
      .boolean()
      .default(false)
      .describe('Scores come from server tokens only; writers left out are then ["server"]'),
    ticks: z
      .strictObject({
        writers: z
          .array(writerSchema)
          .max(2)
          .default(['player', 'server'])
          .describe('Roles that may send ticks'),
        maxPerSecond: z
          .number()
          .min(0.1)
          .max(10_000)
          .default(50)
          .describe(
            'Ticks per second and player, burst of one second, counted by each server by itself: a player has as many connections as servers',
          ),
        maxDelta: z
          .number()
          .int()
          .min(1)
          .max(SCORE_MAX)
          .default(SCORE_MAX)
          .describe('Largest |delta| of one tick'),
        policy: z
          .enum(['behind', 'through'])
          .default('behind')
          .describe(
            'behind: answered with `ack` and flushed later; through: answered once committed, with ack database',
          ),
        ack: z
          .enum(['cache', 'aof', 'replica'])
          .default('cache')
          .describe(
            'What an answered tick is in: cache: Redis memory; aof: its fsynced append-only file too; replica: `replicas` replicas too',
          ),
        replicas: z
          .number()
          .int()
          .min(1)
          .max(5)
          .default(1)
          .describe('How many replicas must have a tick, with ack replica'),
      })
      .refine((ticks) => ticks.policy === 'behind' || ticks.ack === 'cache', {
        message: 'policy through is answered with ack database: leave ack out, or use policy behind',
        path: ['ack'],
      })
      .prefault({}),
    finals: z
      .strictObject({
        writers: z.array(writerSchema).max(2).default(['server']).describe('Roles that may send finals'),
        graceSeconds: z
          .number()
          .int()
          .min(0)
          .max(86_400)
          .default(60)
          .describe('How long a closing season takes finals of its matches'),
        tolerance: z
          .number()
          .int()
          .min(0)
          .max(SCORE_MAX)
          .optional()
          .describe(
            'How far a final may be from the last tick of its match; one further off is stored and flagged. Without it nothing is compared',
          ),
      })
      .prefault({}),
    matches: matchRulesSchema.prefault({}),
    flush: z
      .strictObject({
        intervalMs: z
          .number()
          .int()
          .min(50)
          .max(600_000)
          .default(2_000)
          .describe('Time between flushes: the usual width of the consistency window'),
        batchSize: z.number().int().min(1).max(50_000).default(5_000).describe('Rows per statement'),
        dirtyThreshold: z
          .number()
          .int()
          .min(1)
          .max(10_000_000)
          .default(100_000)
          .describe('Dirty entries that start a flush early'),
        dirtyBackground: z
          .number()
          .int()
          .min(1)
          .max(10_000_000)
          .default(200_000)
          .describe('Dirty entries above which acks of ticks are held back, by up to a second'),
        dirtyLimit: z
          .number()
          .int()
          .min(1)
          .max(10_000_000)
          .default(1_000_000)
          .describe('Dirty entries at which ticks of further players are refused until a flush'),
        windowLimitMs: z
          .number()
          .int()
          .min(100)
          .max(86_400_000)
          .optional()
          .describe(
            'Age of the oldest dirty entry at which an alert is raised; when left out, five intervals and at least 30 s',
          ),
      })
      .refine((flush) => flush.dirtyBackground <= flush.dirtyLimit, {
        message: 'dirtyBackground must not be past dirtyLimit',
        path: ['dirtyBackground'],
      })
      .prefault({}),
    season: z
      .strictObject({
        schedule: z
          .string()
          .min(1)
          .max(100)
          .optional()
          .describe(
            'When one season ends and the next begins: cron with five fields (minute hour day month weekday), or @hourly, @daily, @weekly, @monthly, @yearly; seasons are opened by hand when left out',
          ),
        timeZone: z
          .string()
          .min(1)
          .max(64)
          .default('UTC')
          .describe('IANA time zone of the schedule, as Europe/Berlin'),
      })
      .prefault({}),
    prizes: z
      .strictObject({
        bands: z.array(prizeBandSchema).max(1_000).default([]),
        ties: z.enum(['first', 'share', 'split']).default('first').describe('What equal scores do to prizes'),
        currency: z
          .string()
          .regex(/^[A-Z0-9]{2,10}$/)
          .default('USD')
          .describe('Code shown beside amounts'),
      })
      .prefault({}),
    metadata: z.record(z.string().max(64), z.string().max(1_000)).default({}),
  })
  .refine((board) => board.scoreMin <= board.scoreMax, {
    message: 'scoreMin must not be past scoreMax',
    path: ['scoreMin'],
  })
  .superRefine(refusePlayersWhereServersRule)
  .refine((board) => board.kind === 'match' || board.prizes.bands.length === 0, {
    message: 'prizes come from finals, which an open board has none of: use kind "match" or drop the bands',
    path: ['prizes', 'bands'],
  })
  .refine((board) => board.kind === 'match' || Object.keys(board.matches).length === 0, {
    message: 'an open board has no matches: use kind "match" or drop the limits of matches',
    path: ['matches'],
  })
  .refine((board) => bandsAreApart(board.prizes.bands), {
    message: 'prize bands must not overlap',
    path: ['prizes', 'bands'],
  });

function bandsAreApart(bands: readonly { from: number; to: number }[]): boolean {
  const sorted = [...bands].sort((a, b) => a.from - b.from);
  return sorted.every((band, i) => i === 0 || band.from > (sorted[i - 1]?.to ?? 0));
}

function refusePlayersWhereServersRule(
  board: { authoritative: boolean } & Record<'ticks' | 'finals', { writers: readonly string[] }>,
  ctx: z.RefinementCtx,
): void {
  if (!board.authoritative) return;
  for (const kind of ['ticks', 'finals'] as const)
    if (board[kind].writers.includes('player'))
      ctx.addIssue({
        code: 'custom',
        path: [kind, 'writers'],
        message: 'an authoritative board takes scores from server tokens only: make it ["server"]',
      });
}

/** A new board as a person writes it: on an authoritative one, writers that are left out are servers alone. */
export const boardInputSchema = z.preprocess((input) => {
  if (!isObject(input) || input['authoritative'] !== true) return input;
  const { ticks = {} } = input;
  return isObject(ticks) ? { ...input, ticks: { writers: ['server'], ...ticks } } : input;
}, boardSchema);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export type Board = z.output<typeof boardSchema>;
export type BoardInput = z.input<typeof boardSchema>;
