/** Boards and their seasons, for admins. The guard has run before. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { StoredBoard } from '../../board/board-store.ts';
import type { HttpDeps } from '../deps.ts';
import type { HttpEnv } from '../env.ts';
import {
  boardBody,
  boardParam,
  boardPatch,
  boardsQuery,
  ifMatch,
  noQuery,
  openBody,
  seasonAnswer,
  storedBoardAnswer,
  storedBoardsAnswer,
} from '../schemas.ts';
import { bearer, created, ok } from './answers.ts';

const tags = ['admin'];
const one = { path: '/v1/admin/boards/{board}', tags, ...bearer } as const;

const list = createRoute({
  method: 'get',
  path: '/v1/admin/boards',
  tags,
  ...bearer,
  summary: 'All boards, private ones too',
  request: { query: boardsQuery },
  responses: ok(storedBoardsAnswer, 'Boards, by id'),
});
const create = createRoute({
  method: 'post',
  path: '/v1/admin/boards',
  tags,
  ...bearer,
  summary: 'Create a board and open its first season',
  request: {
    query: noQuery,
    body: { required: true, content: { 'application/json': { schema: boardBody } } },
  },
  responses: created(storedBoardAnswer, 'The board, defaults filled in'),
});
const read = createRoute({
  ...one,
  method: 'get',
  summary: 'One board as it is now, with its version',
  request: { params: boardParam, query: noQuery },
  responses: ok(storedBoardAnswer, 'The board'),
});
const update = createRoute({
  ...one,
  method: 'patch',
  summary: "Change a board's rules; all servers follow within a second or so",
  request: {
    params: boardParam,
    query: noQuery,
    headers: ifMatch,
    body: {
      required: true,
      content: {
        'application/json': { schema: boardPatch },
        'application/merge-patch+json': { schema: boardPatch },
      },
    },
  },
  responses: ok(storedBoardAnswer, 'The board after the change; the same version when nothing differs'),
});
const archive = createRoute({
  ...one,
  method: 'post',
  path: '/v1/admin/boards/{board}/archive',
  summary:
    'Archive a board without a running season: nothing is written to it any more, and it is read as before',
  request: { params: boardParam, query: noQuery, headers: ifMatch },
  responses: ok(storedBoardAnswer, 'The board'),
});
const unarchive = createRoute({
  ...one,
  method: 'post',
  path: '/v1/admin/boards/{board}/unarchive',
  summary: 'Take an archived board into use again; its next season is opened by its schedule, or by an admin',
  request: { params: boardParam, query: noQuery, headers: ifMatch },
  responses: ok(storedBoardAnswer, 'The board'),
});
const openSeason = createRoute({
  method: 'post',
  path: '/v1/admin/boards/{board}/seasons',
  tags,
  ...bearer,
  summary: "Open the board's next season, or plan when it opens and ends by itself",
  request: {
    params: boardParam,
    query: noQuery,
    body: { required: false, content: { 'application/json': { schema: openBody } } },
  },
  responses: created(seasonAnswer, 'The season, open or upcoming'),
});

export const shownBoard = ({ board, version, createdAt, updatedAt, archivedAt }: StoredBoard) => ({
  ...board,
  ...{ version, createdAt, updatedAt },
  ...(archivedAt === undefined ? {} : { archivedAt }),
});

const etagOf = ({ version }: StoredBoard) => ({ etag: `"${version}"` });
/** `*`, like no header, means whatever version there is. */
const versionOf = (header: string | undefined): number | undefined =>
  header === undefined || header === '*' ? undefined : Number(header.slice(1, -1));

export function adminBoardRoutes(app: OpenAPIHono<HttpEnv>, { boards, seasons }: HttpDeps): void {
  app.openapi(list, async (c) => {
    const { limit, cursor, archived } = c.req.valid('query');
    const listed = await boards.list({ archived, after: cursor, limit });
    const next = listed.next === undefined ? {} : { next: listed.next };
    return c.json({ boards: listed.boards.map(shownBoard), ...next }, 200);
  });
  app.openapi(create, async (c) => {
    const board = await boards.create(c.req.valid('json'), c.var.principal.sub);
    return c.json(shownBoard(board), 201, { location: `/v1/boards/${board.id}`, ...etagOf(board) });
  });
  app.openapi(read, async (c) => {
    const board = await boards.get(c.req.valid('param').board);
    return c.json(shownBoard(board), 200, etagOf(board));
  });
  app.openapi(update, async (c) => {
    const change = { by: c.var.principal.sub, version: versionOf(c.req.valid('header')['if-match']) };
    const { stored } = await boards.update(c.req.valid('param').board, c.req.valid('json'), change);
    return c.json(shownBoard(stored), 200, etagOf(stored));
  });
  for (const [route, archived] of [
    [archive, true],
    [unarchive, false],
  ] as const)
    app.openapi(route, async (c) => {
      const change = { by: c.var.principal.sub, version: versionOf(c.req.valid('header')['if-match']) };
      const board = await boards.archive(c.req.valid('param').board, archived, change);
      return c.json(shownBoard(board), 200, etagOf(board));
    });
  app.openapi(openSeason, async (c) => {
    const { startsAt, endsAt } = c.req.valid('json');
    const plan = {
      ...(startsAt === undefined ? {} : { startsAt }),
      ...(endsAt === undefined ? {} : { endsAt }),
    };
    const season = await seasons.open(c.req.valid('param').board, c.var.principal.sub, plan);
    return c.json(season, 201, { location: `/v1/seasons/${season.id}` });
  });
}
