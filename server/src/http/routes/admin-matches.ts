/** One match: what it holds, and giving it up. The guard has run before. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { idSchema } from '@photofinish/shared/domain/board';
import { matchRulesSchema } from '@photofinish/shared/domain/match-rules';
import type { Match } from '../../board/board-store.ts';
import type { HttpDeps } from '../deps.ts';
import type { HttpEnv } from '../env.ts';
import { noQuery } from '../schemas.ts';
import { bearer, ok } from './answers.ts';

const tags = ['admin'];

const match = {
  id: z.string(),
  board: z.string(),
  season: z.string(),
  startedAt: z.number().int().describe('Milliseconds since the Unix epoch'),
  endedAt: z.number().int().nullable().describe('Null while it goes on'),
  abandoned: z.boolean().describe('It ended because nobody played it any more, or was given up'),
  limits: matchRulesSchema.describe("The board's limits as they hold for this match"),
  rostered: z.boolean().describe('Nobody may join but those who were named at the start'),
};
const matchAnswer = z.object(match).meta({ id: 'Match' });
const detailAnswer = z
  .object({
    ...match,
    players: z
      .array(
        z.object({
          player: z.string(),
          joinedAt: z.number().int().nullable().describe('Null in a match that does not keep who plays it'),
          final: z.number().int().nullable().describe('The score of the final'),
        }),
      )
      .describe('By id, at most 1,000: who has a final and, of a match with limits or a roster, who plays'),
  })
  .meta({ id: 'MatchDetail' });

const request = { params: z.object({ match: idSchema }), query: noQuery };
const find = createRoute({
  method: 'get',
  path: '/v1/admin/matches/{match}',
  tags,
  ...bearer,
  summary: 'A match with its players and finals',
  request,
  responses: ok(detailAnswer, 'The match'),
});
const abandon = createRoute({
  method: 'post',
  path: '/v1/admin/matches/{match}/abandon',
  tags,
  ...bearer,
  summary: 'Give a match up: no more ticks and finals, and its provisional scores are dropped',
  request,
  responses: ok(matchAnswer, 'The match; as it is when it was abandoned before'),
});

const shown = ({ id, board, season, startedAt, endedAt, abandoned, limits, rostered }: Match) => ({
  ...{ id, board, season, startedAt, endedAt: endedAt ?? null, abandoned, limits, rostered },
});

export function adminMatchRoutes(app: OpenAPIHono<HttpEnv>, { keeper }: HttpDeps): void {
  app.openapi(find, async (c) => {
    const found = await keeper.find(c.req.valid('param').match);
    return c.json({ ...shown(found), players: found.players }, 200);
  });
  app.openapi(abandon, async (c) =>
    c.json(shown(await keeper.abandonNow(c.req.valid('param').match, c.var.principal.sub)), 200),
  );
}
