/** Who reads: a private board's ranks are for players, servers and admins. The token is taken from the Authorization header alone. */
import { isId } from '@photofinish/shared/domain/ids';
import { Fault } from '@photofinish/shared/protocol/errors';
import type { Context, MiddlewareHandler } from 'hono';
import { createMiddleware } from 'hono/factory';
import { mayRead, type Principal } from '../board/principal.ts';
import type { HttpDeps } from './deps.ts';
import type { HttpEnv } from './env.ts';

const BEARER = /^Bearer +([^\s,]+)$/i;

/** Whose token came along; undefined without one. @throws Fault UNAUTHENTICATED */
export async function readerOf(
  c: Context<HttpEnv>,
  tokens: HttpDeps['tokens'],
): Promise<Principal | undefined> {
  const header = c.req.header('authorization');
  if (header === undefined) return undefined;
  const token = BEARER.exec(header)?.[1];
  if (token === undefined) throw noToken('the header is not Authorization: Bearer <token>');
  return tokens.verify(token);
}

/** For addresses below a board or a season: lets those in who may read it. What is not there is the route's to say. */
export const readersOnly = ({
  catalogue,
  tokens,
}: Pick<HttpDeps, 'catalogue' | 'tokens'>): MiddlewareHandler<HttpEnv> =>
  createMiddleware<HttpEnv>(async (c, next) => {
    const { board: named, season } = c.req.param() as { board?: string; season?: string };
    try {
      const id = named ?? (isId(season) ? (await catalogue.season(season)).board : undefined);
      const board = isId(id) ? await catalogue.board(id) : undefined;
      if (board?.visibility === 'private') {
        const reader = await readerOf(c, tokens);
        if (!reader) throw noToken(`board ${board.id} is private`);
        mayRead(reader, board);
      }
    } catch (error) {
      const isMissing = error instanceof Fault && /^(?:BOARD|SEASON)_NOT_FOUND$/.test(error.code);
      if (!isMissing) throw error;
    }
    await next();
  });

const noToken = (why: string): Fault =>
  new Fault('UNAUTHENTICATED', `authorization: ${why}; send the token of a player, server or admin`, {
    field: 'authorization',
    limit: 'a token of role player, server or admin',
    fix: 'send the header Authorization: Bearer <token>',
  });
