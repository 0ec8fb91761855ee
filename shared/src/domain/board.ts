/** A board: a named leaderboard and its rules. The schema is the one source of its type, its defaults, its limits and
 *  its documentation; boards.json, the admin API and the database all pass through it. */
import { z } from 'zod';
import { ID_PATTERN } from './ids.ts';
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

export const boardSchema = z
  .strictObject({
    id: idSchema,
    title: z.string().min(1).max(200),
    kind: z
      .enum(['open', 'match'])
      .default('match')
      .describe('match: ticks and finals of matches; open: ticks alone are the record'),
    sortOrder: z.enum(['desc', 'asc']).default('desc').describe('desc: the larger score is better'),
    operator: z.enum(['best', 'latest', 'sum']).default('best').describe('How scores of one player combine'),
    ranking: z
      .enum(RANKINGS)
      .default('ordinal')
      .describe(
        'How equal scores are numbered: ordinal 1-2-3, whoever reached it first before the others; competition 1-1-3; dense 1-1-2',
      ),
    scoreMin: scoreSchema.default(SCORE_MIN).describe('Least score that a tick or final may carry'),
    scoreMax: scoreSchema.default(SCORE_MAX).describe('Largest score that a tick or final may carry'),
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
          .describe('Ticks per second and player, burst of one second'),
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
      })
      .prefault({}),
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
          .default(20_000)
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
  .refine((board) => board.kind === 'match' || board.prizes.bands.length === 0, {
    message: 'prizes come from finals, which an open board has none of: use kind "match" or drop the bands',
    path: ['prizes', 'bands'],
  })
  .refine((board) => bandsAreApart(board.prizes.bands), {
    message: 'prize bands must not overlap',
    path: ['prizes', 'bands'],
  });

function bandsAreApart(bands: readonly { from: number; to: number }[]): boolean {
  const sorted = [...bands].sort((a, b) => a.from - b.from);
  return sorted.every((band, i) => i === 0 || band.from > (sorted[i - 1]?.to ?? 0));
}

export type Board = z.output<typeof boardSchema>;
export type BoardInput = z.input<typeof boardSchema>;
