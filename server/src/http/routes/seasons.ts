/** Public reads of one season. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { HttpDeps } from '../deps.ts';
import type { HttpEnv } from '../env.ts';
import { durabilityAnswer, noQuery, seasonAnswer, seasonParam, windowAnswer } from '../schemas.ts';
import { maybeBearer, ok } from './answers.ts';
import { lossOf } from './loss.ts';

const tags = ['seasons'];

const get = createRoute({
  method: 'get',
  path: '/v1/seasons/{season}',
  tags,
  ...maybeBearer,
  summary: 'One season',
  request: { params: seasonParam, query: noQuery },
  responses: ok(seasonAnswer, 'The season'),
});
const consistencyWindow = createRoute({
  method: 'get',
  path: '/v1/seasons/{season}/window',
  tags,
  ...maybeBearer,
  summary: 'The consistency window: what a loss of Redis now could cost',
  request: { params: seasonParam, query: noQuery },
  responses: ok(windowAnswer, 'Measured now'),
});

const durabilityOf = createRoute({
  method: 'get',
  path: '/v1/seasons/{season}/durability',
  tags,
  ...maybeBearer,
  summary: 'What is in Postgres, what is not yet, and which faults could cost it',
  request: { params: seasonParam, query: noQuery },
  responses: ok(durabilityAnswer, 'Measured now'),
});

export function seasonRoutes(
  app: OpenAPIHono<HttpEnv>,
  { catalogue, reads, durability, guarantee }: HttpDeps,
): void {
  app.openapi(get, async (c) => c.json(await catalogue.season(c.req.valid('param').season), 200));
  app.openapi(durabilityOf, async (c) =>
    c.json({ ...(await durability.of(c.req.valid('param').season)), ...lossOf(guarantee) }, 200),
  );
  app.openapi(consistencyWindow, async (c) =>
    c.json({ ...(await reads.window(c.req.valid('param').season)), ...lossOf(guarantee) }, 200),
  );
}
