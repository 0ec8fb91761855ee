/** Players, for admins: hidden and shown, exported, deleted. The guard has run before. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { idSchema } from '@photofinish/shared/domain/board';
import { HIDING_PLAYERS_MAX } from '../../board/player-hiding.ts';
import type { HttpDeps } from '../deps.ts';
import type { HttpEnv } from '../env.ts';
import { noQuery } from '../schemas.ts';
import { bearer, ok } from './answers.ts';

const tags = ['admin'];
const params = z.object({ player: idSchema });

const hidingBody = z.strictObject({
  players: z.array(idSchema).min(1).max(HIDING_PLAYERS_MAX),
  board: idSchema.optional().describe('On all boards when left out'),
});
const hidingAnswer = z
  .object({
    changed: z.number().int().describe('For how many of the players it was a change'),
    live: z
      .enum(['applied', 'pending'])
      .describe('pending: in the database, and live as soon as Redis can take it'),
  })
  .meta({ id: 'Hiding' });
const hidingRequest = {
  query: noQuery,
  body: { required: true, content: { 'application/json': { schema: hidingBody } } },
} as const;

const hiddenQuery = z.strictObject({
  board: idSchema.optional().describe('Hidden on this board, by itself or on all; anywhere when left out'),
  after: idSchema.optional().describe('Players after this one'),
  limit: z.coerce.number().int().min(1).max(HIDING_PLAYERS_MAX).default(100),
});
const hiddenAnswer = z.object({
  players: z
    .array(
      z
        .object({
          player: z.string(),
          everywhere: z
            .boolean()
            .describe(
              'Hidden on all boards: until that is taken back, showing the player on one changes nothing',
            ),
          boards: z.array(z.string()).describe('Boards on which the player is hidden by itself'),
        })
        .meta({ id: 'HiddenPlayer' }),
    )
    .describe('In the order of their ids'),
  next: z.string().optional().describe('Send as `after` for the next page; absent on the last one'),
});

const listHidden = createRoute({
  method: 'get',
  path: '/v1/admin/players/hidden',
  tags,
  ...bearer,
  summary: 'Who is hidden, and where',
  request: { query: hiddenQuery },
  responses: ok(hiddenAnswer, 'A page of players'),
});
const hide = createRoute({
  method: 'post',
  path: '/v1/admin/players/hide',
  tags,
  ...bearer,
  summary: 'Hide players: they keep their scores and take no place, on one board or on all',
  request: hidingRequest,
  responses: ok(hidingAnswer, 'What came of it; the same again changes nothing'),
});
const unhide = createRoute({
  method: 'post',
  path: '/v1/admin/players/unhide',
  tags,
  ...bearer,
  summary: 'Show hidden players again, where they were hidden: on one board, or on all',
  request: hidingRequest,
  responses: ok(hidingAnswer, 'What came of it; the same again changes nothing'),
});
const remove = createRoute({
  method: 'delete',
  path: '/v1/admin/players/{player}',
  tags,
  ...bearer,
  summary: "Delete a player: the history stays under a pseudonym, and nobody else's rank changes",
  request: { params, query: noQuery },
  responses: ok(
    z
      .object({
        player: z.string(),
        state: z
          .enum(['pending', 'erased', 'absent'])
          .describe(
            'pending: goes on by itself, ask again; erased: nothing names the player any more; absent: nothing did',
          ),
      })
      .meta({ id: 'PlayerDeletion' }),
    'How far it is; the same again is safe',
  ),
});
const exported = createRoute({
  method: 'get',
  path: '/v1/admin/players/{player}/export',
  tags,
  ...bearer,
  summary: 'All that is kept of one player, as one document',
  request: { params, query: noQuery },
  responses: ok(
    z
      .object({
        player: z.string(),
        exportedAt: z.number().int().describe('In milliseconds since the Unix epoch'),
        tables: z
          .record(z.string(), z.array(z.record(z.string(), z.unknown())))
          .describe('Rows that name the player, as the database has them'),
      })
      .meta({ id: 'PlayerExport' }),
    'The document, sent row by row',
  ),
});

export function adminPlayerRoutes(app: OpenAPIHono<HttpEnv>, deps: HttpDeps): void {
  const { hiding, playerDeletion, playerExport } = deps;
  app.openapi(listHidden, async (c) => {
    const { after = '', ...of } = c.req.valid('query');
    return c.json(await hiding.list({ ...of, after }), 200);
  });
  app.openapi(hide, async (c) =>
    c.json(await hiding.hide({ ...c.req.valid('json'), by: c.var.principal.sub }), 200),
  );
  app.openapi(unhide, async (c) =>
    c.json(await hiding.unhide({ ...c.req.valid('json'), by: c.var.principal.sub }), 200),
  );
  app.openapi(remove, async (c) =>
    c.json(await playerDeletion.remove(c.req.valid('param').player, c.var.principal.sub), 200),
  );
  app.openapi(exported, async (c) => {
    const { player } = c.req.valid('param');
    const pieces = (await playerExport.of(player))[Symbol.iterator]();
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        const { done, value } = pieces.next();
        if (done) controller.close();
        else controller.enqueue(new TextEncoder().encode(value));
      },
    });
    const disposition = `attachment; filename="player-${player}.json"`;
    return c.body(body, 200, {
      'content-type': 'application/json',
      'content-disposition': disposition,
    }) as never;
  });
}
