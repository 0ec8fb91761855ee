/** Boards and their seasons, for admins. The guard has run before. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { HttpDeps } from '../deps.ts';
import type { HttpEnv } from '../env.ts';
import { boardAnswer, boardParam, boardsAnswer, noQuery, seasonAnswer } from '../schemas.ts';
import { bearer, created, ok } from './answers.ts';
import { withBoundaries } from './boundaries.ts';

const tags = ['admin'];

const list = createRoute({
  method: 'get',
  path: '/v1/admin/boards',
  tags,
  ...bearer,
  summary: 'All boards',
  request: { query: noQuery },
  responses: ok(boardsAnswer, 'Boards, by id'),
});
const create = createRoute({
  method: 'post',
  path: '/v1/admin/boards',
  tags,
  ...bearer,
  summary: 'Create a board and open its first season',
  request: {
    query: noQuery,
    body: { required: true, content: { 'application/json': { schema: boardAnswer } } },
  },
  responses: created(boardAnswer, 'The board, defaults filled in'),
});
const openSeason = createRoute({
  method: 'post',
  path: '/v1/admin/boards/{board}/seasons',
  tags,
  ...bearer,
  summary: "Open the board's next season",
  request: { params: boardParam, query: noQuery },
  responses: created(seasonAnswer, 'The open season'),
});

export function adminBoardRoutes(app: OpenAPIHono<HttpEnv>, { catalogue, seasons }: HttpDeps): void {
  app.openapi(list, async (c) => c.json({ boards: (await catalogue.boards()).map(withBoundaries) }, 200));
  app.openapi(create, async (c) => {
    const board = await catalogue.createBoard(c.req.valid('json'), c.var.principal.sub);
    return c.json(board, 201, { location: `/v1/boards/${board.id}` });
  });
  app.openapi(openSeason, async (c) => {
    const season = await seasons.open(c.req.valid('param').board, c.var.principal.sub);
    return c.json(season, 201, { location: `/v1/seasons/${season.id}` });
  });
}
