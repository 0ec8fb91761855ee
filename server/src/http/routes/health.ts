/** What operators and their machines ask. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { Fault } from '@photofinish/shared/protocol/errors';
import type { HttpDeps } from '../deps.ts';
import type { HttpEnv } from '../env.ts';
import { problemOf, respond } from '../problem.ts';
import { noQuery } from '../schemas.ts';
import { ok, text } from './answers.ts';

/** A check that takes longer counts as failed; the prober would give up anyway. */
const CHECK_TIMEOUT_MS = 2_000;
/** Anyone may ask: answers are shared this long, so that asking often costs Redis and Postgres nothing. */
const READY_FRESH_MS = 500;

const healthz = createRoute({
  method: 'get',
  path: '/healthz',
  tags: ['operations'],
  summary: 'Whether the process is up',
  request: { query: noQuery },
  responses: ok(z.object({ status: z.literal('up') }), 'It is'),
});

const readyz = createRoute({
  method: 'get',
  path: '/readyz',
  tags: ['operations'],
  summary: 'Whether this server should get traffic: Redis and Postgres answer, and it is not draining',
  request: { query: noQuery },
  responses: ok(z.object({ status: z.literal('ready') }), 'Ready; else 503 with the reasons'),
});

const metrics = createRoute({
  method: 'get',
  path: '/metrics',
  tags: ['operations'],
  summary: 'Metrics in the Prometheus text format',
  responses: text('Metrics'),
});

export function healthRoutes(app: OpenAPIHono<HttpEnv>, deps: HttpDeps): void {
  const reasons = readiness(deps);
  app.openapi(healthz, (c) => c.json({ status: 'up' as const }, 200, { 'cache-control': 'no-store' }));
  app.openapi(readyz, async (c) => {
    const draining = deps.health.draining();
    const found = draining ? ['draining: the server is stopping'] : await reasons();
    if (found.length === 0) return c.json({ status: 'ready' as const }, 200, { 'cache-control': 'no-store' });
    const fault = new Fault(draining ? 'SHUTTING_DOWN' : 'UNAVAILABLE', found.join('; '), {
      retryAfterMs: 1_000,
    });
    return respond({ ...problemOf(fault), reasons: found }) as never;
  });
  app.openapi(
    metrics,
    async (c) =>
      c.body(await deps.metrics.text(), 200, {
        'content-type': deps.metrics.contentType,
        'cache-control': 'no-store',
      }) as never,
  );
}

/** Why this server is not ready; empty when it is. Questions that overlap share one look. */
function readiness({ health, clock, log }: HttpDeps): () => Promise<string[]> {
  let last: { at: number; reasons: Promise<string[]> } | undefined;
  const look = async (): Promise<string[]> => {
    const found = await Promise.all(
      Object.entries(health.checks).map(async ([name, check]) => {
        try {
          await within(check(), CHECK_TIMEOUT_MS);
          return [];
        } catch (error) {
          log.warn({ err: error, check: name }, 'readiness check failed');
          return [`${name}: gives no answer`];
        }
      }),
    );
    return found.flat();
  };
  return () => {
    if (!last || clock() - last.at >= READY_FRESH_MS) last = { at: clock(), reasons: look() };
    return last.reasons;
  };
}

function within(work: Promise<unknown>, ms: number): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
