/** Rows that Postgres refused and that are parked, for admins. The guard has run before. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { idSchema, scoreSchema } from '@photofinish/shared/domain/board';
import type { FlushFailure } from '../../flush/flush-failure-store.ts';
import type { HttpDeps } from '../deps.ts';
import type { HttpEnv } from '../env.ts';
import { noQuery } from '../schemas.ts';
import { bearer, ok } from './answers.ts';

const tags = ['admin'];
const FAILURES_MAX = 1_000;

const failureAnswer = z
  .object({
    season: z.string(),
    player: z.string(),
    score: scoreSchema.describe('The score that could not be written'),
    achievedAt: z.number().int().describe('When it was reached, in milliseconds'),
    reason: z.string().describe('What Postgres said'),
    sqlState: z.string(),
    epoch: z.number().int(),
    rev: z.number().int(),
    at: z.number().int().describe('When it was refused last, in milliseconds'),
  })
  .meta({ id: 'FlushFailure' });
const listAnswer = z.object({
  total: z.number().int().describe('All that are parked, also those past the limit'),
  failures: z.array(failureAnswer),
});
const retryAnswer = z.object({
  outcome: z.enum(['written', 'parked']).describe('parked: refused again, for the reason given'),
  failure: failureAnswer,
});

const params = z.object({ season: idSchema, player: idSchema });
const query = z.strictObject({
  season: idSchema.optional().describe('Of all seasons when left out'),
  limit: z.coerce.number().int().min(1).max(FAILURES_MAX).default(100),
});
const route = {
  path: '/v1/admin/flush-failures/{season}/{player}',
  tags,
  ...bearer,
  request: { params, query: noQuery },
} as const;

const list = createRoute({
  method: 'get',
  path: '/v1/admin/flush-failures',
  tags,
  ...bearer,
  summary: 'Entries that Postgres refused and that are parked',
  request: { query },
  responses: ok(listAnswer, 'By season and player'),
});
const retry = createRoute({
  ...route,
  method: 'post',
  path: '/v1/admin/flush-failures/{season}/{player}/retry',
  summary: 'Write a parked entry again, as it is live now',
  responses: ok(retryAnswer, 'What came of it'),
});
const discard = createRoute({
  ...route,
  method: 'delete',
  summary: "Give a parked entry's change up; the live entry stays",
  responses: ok(failureAnswer, 'What was given up; the audit log keeps it'),
});

const shown = ({ record, ...failure }: FlushFailure) => ({
  ...failure,
  score: record.score,
  achievedAt: record.achievedAt,
});

export function adminFlushFailureRoutes(app: OpenAPIHono<HttpEnv>, { flushFailures }: HttpDeps): void {
  app.openapi(list, async (c) => {
    const { season, limit } = c.req.valid('query');
    const { total, failures } = await flushFailures.list({ season, limit });
    return c.json({ total, failures: failures.map(shown) }, 200);
  });
  app.openapi(retry, async (c) => {
    const { season, player } = c.req.valid('param');
    const { outcome, failure } = await flushFailures.retry(season, player, c.var.principal.sub);
    return c.json({ outcome, failure: shown(failure) }, 200);
  });
  app.openapi(discard, async (c) => {
    const { season, player } = c.req.valid('param');
    return c.json(shown(await flushFailures.discard(season, player, c.var.principal.sub)), 200);
  });
}
