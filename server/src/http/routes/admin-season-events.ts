/** The outbox of season events, for admins. The guard has run before. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { SEASON_EVENT_TYPES } from '@photofinish/shared/domain/season';
import { Fault } from '@photofinish/shared/protocol/errors';
import type { OutboxEvent } from '../../season/season-event-store.ts';
import type { HttpDeps } from '../deps.ts';
import type { HttpEnv } from '../env.ts';
import { noQuery } from '../schemas.ts';
import { bearer, ok } from './answers.ts';

const tags = ['admin'];
const EVENTS_MAX = 1_000;
const ms = z.number().int();

const eventAnswer = z
  .object({
    id: z.string().describe('The same in every delivery of the event'),
    type: z.enum(SEASON_EVENT_TYPES),
    at: ms.describe('When it happened, in milliseconds'),
    board: z.string(),
    season: z.object({
      id: z.string(),
      number: z.number().int(),
      startedAt: ms,
      endsAt: ms.optional(),
      closingAt: ms.optional(),
      closedAt: ms.optional(),
    }),
  })
  .meta({ id: 'SeasonEvent' });
const outboxAnswer = z
  .object({
    event: eventAnswer.describe('What the receiver gets'),
    attempts: z.number().int(),
    nextAttemptAt: ms.optional().describe('Absent when it was delivered or given up'),
    deliveredAt: ms.optional(),
    problem: z.string().optional().describe('Why the last attempt failed'),
  })
  .meta({ id: 'OutboxEvent' });

const query = z.strictObject({
  undelivered: z.enum(['', 'true', 'false']).optional().describe('`?undelivered`: those alone'),
  limit: z.coerce.number().int().min(1).max(EVENTS_MAX).default(100),
});

const list = createRoute({
  method: 'get',
  path: '/v1/admin/season-events',
  tags,
  ...bearer,
  summary: 'Starts and ends of seasons, and whether the receiver has them',
  request: { query },
  responses: ok(z.object({ events: z.array(outboxAnswer) }), 'Newest first'),
});
const sendAgain = createRoute({
  method: 'post',
  path: '/v1/admin/season-events/{event}/retry',
  tags,
  ...bearer,
  summary: 'Send an event again, delivered or given up',
  request: {
    params: z.object({ event: z.string().regex(/^[A-Za-z0-9._~-]{1,100}$/, 'use the id of an event') }),
    query: noQuery,
  },
  responses: ok(outboxAnswer, 'The event, about to be sent'),
});

const shown = ({ event, attempts, nextAttemptAt, deliveredAt, problem }: OutboxEvent) => ({
  event,
  attempts,
  ...(nextAttemptAt === undefined ? {} : { nextAttemptAt }),
  ...(deliveredAt === undefined ? {} : { deliveredAt }),
  ...(problem === undefined ? {} : { problem }),
});

export function adminSeasonEventRoutes(app: OpenAPIHono<HttpEnv>, { seasonEvents }: HttpDeps): void {
  app.openapi(list, async (c) => {
    const { undelivered, limit } = c.req.valid('query');
    const events = await seasonEvents.list({
      undelivered: undelivered !== undefined && undelivered !== 'false',
      limit,
    });
    return c.json({ events: events.map(shown) }, 200);
  });
  app.openapi(sendAgain, async (c) => {
    const { event: id } = c.req.valid('param');
    const event = await seasonEvents.sendAgain(id, c.var.principal.sub);
    if (!event)
      throw new Fault('NOT_FOUND', `event: there is no event ${id}; GET /v1/admin/season-events lists them`, {
        field: 'event',
        fix: 'GET /v1/admin/season-events lists them',
      });
    return c.json(shown(event), 200);
  });
}
