/** Public: what the standings of a season that is over were at a moment. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { SEASON_STATES } from '@photofinish/shared/domain/season';
import { LIMITS } from '@photofinish/shared/protocol/limits';
import type { HttpDeps } from '../deps.ts';
import type { HttpEnv } from '../env.ts';
import { MOMENT, momentText } from '../moment.ts';
import { seasonParam } from '../schemas.ts';
import { maybeBearer, ok } from './answers.ts';

const limitBounds = `must be a whole number from 1 to ${LIMITS.readEntriesMax}`;
const query = z.strictObject({
  at: momentText.describe(`The moment: ${MOMENT}`),
  limit: z.coerce
    .number(limitBounds)
    .int(limitBounds)
    .min(1, limitBounds)
    .max(LIMITS.readEntriesMax, limitBounds)
    .default(100),
  cursor: z.string().max(400).optional().describe('The next of the answer before'),
});

const entry = z
  .object({
    rank: z.number().int().describe('1-based, by the ranking of the board'),
    player: z.string(),
    name: z.string().optional(),
    score: z.number().int(),
    columns: z.record(z.string(), z.number().int()).optional(),
    achievedAt: z.number().int().describe('When it was reached, in milliseconds'),
    metadata: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'PastEntry' });
const answer = z
  .object({
    board: z.string(),
    season: z.string(),
    state: z.enum(SEASON_STATES),
    at: z.number().int().describe('The moment, in milliseconds'),
    total: z.number().int().describe('Players who had a final by then'),
    entries: z.array(entry),
    next: z.string().optional().describe('Send it as cursor for what follows; absent at the end'),
  })
  .meta({ id: 'PastStandings' });

const route = createRoute({
  method: 'get',
  path: '/v1/seasons/{season}/standings',
  tags: ['seasons'],
  ...maybeBearer,
  summary: 'The standings of a closed season as they were at a moment, from the finals accepted by then',
  request: { params: seasonParam, query },
  responses: ok(answer, 'Entries in rank order'),
});

export function pastStandingsRoutes(app: OpenAPIHono<HttpEnv>, { catalogue, past }: HttpDeps): void {
  app.openapi(route, async (c) => {
    const season = await catalogue.season(c.req.valid('param').season);
    const { board } = await catalogue.live(season);
    return c.json(await past.at({ season, board, ...c.req.valid('query') }), 200);
  });
}
