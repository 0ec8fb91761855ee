/** Players and their names. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { idSchema } from '@photofinish/shared/domain/board';
import { playerNameSchema } from '@photofinish/shared/domain/player-name';
import { Fault } from '@photofinish/shared/protocol/errors';
import type { Context } from 'hono';
import type { PlayerProfile } from '../../board/player-store.ts';
import type { HttpDeps } from '../deps.ts';
import type { HttpEnv } from '../env.ts';
import { readerOf } from '../readers.ts';
import { noQuery } from '../schemas.ts';
import { bearer, ok } from './answers.ts';

const tags = ['players'];
const params = z.object({ player: idSchema });

const playerAnswer = z
  .object({
    player: z.string(),
    name: playerNameSchema.optional().describe('Absent where none was given'),
    nameAt: z.number().int().optional().describe('When the name was given or taken away, in milliseconds'),
    createdAt: z
      .number()
      .int()
      .describe(
        'When the player was first seen, in milliseconds: the oldest score that is kept, of one who has sent ticks alone',
      ),
  })
  .meta({ id: 'Player' });
const nameBody = z.strictObject({ name: playerNameSchema.nullable().describe('null takes the name away') });

const read = createRoute({
  method: 'get',
  path: '/v1/players/{player}',
  tags,
  ...bearer,
  summary: 'A player, for tokens of players, servers and admins',
  request: { params, query: noQuery },
  responses: ok(playerAnswer, 'The player'),
});
const name = createRoute({
  method: 'put',
  path: '/v1/players/{player}',
  tags,
  ...bearer,
  summary: 'Name a player: servers and admins, and players themselves where PLAYERS_NAME_THEMSELVES is set',
  request: {
    params,
    query: noQuery,
    body: { required: true, content: { 'application/json': { schema: nameBody } } },
  },
  responses: ok(playerAnswer, 'The player'),
});

const shown = ({ hidden: _, name: given, nameAt, ...profile }: PlayerProfile) => ({
  ...profile,
  ...(given === undefined ? {} : { name: given }),
  ...(nameAt === undefined ? {} : { nameAt }),
});

export function playerRoutes(app: OpenAPIHono<HttpEnv>, { players, tokens }: HttpDeps): void {
  const principalOf = async (c: Context<HttpEnv>) => {
    const principal = await readerOf(c, tokens);
    if (principal) return principal;
    throw new Fault('UNAUTHENTICATED', 'authorization: send the token of a player, server or admin', {
      field: 'authorization',
      fix: 'send the header Authorization: Bearer <token>',
    });
  };
  app.openapi(read, async (c) =>
    c.json(shown(await players.read(c.req.valid('param').player, await principalOf(c))), 200),
  );
  app.openapi(name, async (c) => {
    const { name: given } = c.req.valid('json');
    const { player } = c.req.valid('param');
    return c.json(shown(await players.name(player, given ?? undefined, await principalOf(c))), 200);
  });
}
