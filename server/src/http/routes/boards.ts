/** Public reads of boards and their ranks. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { LIMITS } from '@photofinish/shared/protocol/limits';
import { seesHidden } from '../../board/principal.ts';
import { settledOrNot } from '../cached.ts';
import type { HttpDeps } from '../deps.ts';
import type { HttpEnv } from '../env.ts';
import { readerOf } from '../readers.ts';
import {
  aroundQuery,
  boardParam,
  boardReadAnswer,
  boardsAnswer,
  boardsQuery,
  entriesAnswer,
  noQuery,
  pageAnswer,
  playerParam,
  rangeAnswer,
  rangeQuery,
  ranksAnswer,
  ranksQuery,
  seasonsAnswer,
  seasonsQuery,
  topQuery,
} from '../schemas.ts';
import { shownBoard } from './admin-boards.ts';
import { maybeBearer, ok } from './answers.ts';
import { boundariesOf } from './boundaries.ts';
import { lossOf } from './loss.ts';

const tags = ['boards'];

const list = createRoute({
  method: 'get',
  path: '/v1/boards',
  tags,
  ...maybeBearer,
  summary: 'Public boards; with the token of a player, server or admin private ones too',
  request: { query: boardsQuery },
  responses: ok(boardsAnswer, 'Boards, by id'),
});
const get = createRoute({
  method: 'get',
  path: '/v1/boards/{board}',
  tags,
  ...maybeBearer,
  summary: 'One board and its rules',
  request: { params: boardParam, query: noQuery },
  responses: ok(boardReadAnswer, 'The board'),
});
const seasons = createRoute({
  method: 'get',
  path: '/v1/boards/{board}/seasons',
  tags,
  ...maybeBearer,
  summary: "A board's seasons",
  request: { params: boardParam, query: seasonsQuery },
  responses: ok(seasonsAnswer, 'Newest first'),
});
const top = createRoute({
  method: 'get',
  path: '/v1/boards/{board}/top',
  tags,
  ...maybeBearer,
  summary: 'The first entries, and from there page by page',
  request: { params: boardParam, query: topQuery },
  responses: ok(pageAnswer, 'Entries in the total order'),
});
const range = createRoute({
  method: 'get',
  path: '/v1/boards/{board}/range',
  tags,
  ...maybeBearer,
  summary: 'The entries with a score in a range, and how many there are',
  request: { params: boardParam, query: rangeQuery },
  responses: ok(rangeAnswer, 'Entries in the total order'),
});
const around = createRoute({
  method: 'get',
  path: '/v1/boards/{board}/around/{player}',
  tags,
  ...maybeBearer,
  summary: 'A player and its neighbours',
  request: { params: playerParam, query: aroundQuery },
  responses: ok(entriesAnswer, 'Entries in the total order'),
});
const ranks = createRoute({
  method: 'get',
  path: '/v1/boards/{board}/ranks',
  tags,
  ...maybeBearer,
  summary: 'The ranks of some players',
  request: { params: boardParam, query: ranksQuery },
  responses: ok(ranksAnswer, 'In the order asked'),
});

export function boardRoutes(app: OpenAPIHono<HttpEnv>, deps: HttpDeps): void {
  const { boards, catalogue, reads, guarantee } = deps;
  app.openapi(list, async (c) => {
    const { limit, cursor, archived } = c.req.valid('query');
    const reader = await readerOf(c, deps.tokens);
    const publicOnly = !reader || reader.role === 'viewer';
    const listed = await boards.list({ archived, after: cursor, limit, publicOnly });
    const shown = listed.boards.map(({ board, archivedAt }) =>
      archivedAt === undefined ? { ...board, ...boundariesOf(board) } : { ...board, archivedAt },
    );
    const next = listed.next === undefined ? {} : { next: listed.next };
    return c.json({ boards: shown, ...next, ...lossOf(guarantee) }, 200);
  });
  app.openapi(get, async (c) => {
    const stored = await catalogue.storedBoard(c.req.valid('param').board);
    return c.json(
      {
        ...shownBoard(stored),
        ...(stored.archivedAt === undefined ? boundariesOf(stored.board) : {}),
        limits: LIMITS,
        ...lossOf(guarantee),
      },
      200,
    );
  });
  app.openapi(seasons, async (c) =>
    c.json(await catalogue.seasonsOf(c.req.valid('param').board, c.req.valid('query')), 200),
  );
  app.openapi(top, async (c) =>
    settledOrNot(c, await reads.top({ ...c.req.valid('param'), ...c.req.valid('query') })),
  );
  app.openapi(range, async (c) =>
    settledOrNot(c, await reads.range({ ...c.req.valid('param'), ...c.req.valid('query') })),
  );
  app.openapi(around, async (c) =>
    settledOrNot(c, await reads.around({ ...c.req.valid('param'), ...c.req.valid('query') })),
  );
  app.openapi(ranks, async (c) => {
    const reader = await readerOf(c, deps.tokens);
    const of = { ...c.req.valid('param'), ...c.req.valid('query') };
    return c.json(await reads.ranks({ ...of, seesHidden: (player) => seesHidden(reader, player) }), 200);
  });
}
