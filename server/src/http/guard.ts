/** Lets admins in: 401 without a valid token, 403 with one of another role. The token is taken from the Authorization header
 *  alone, so no page of another origin can lend a browser's credentials. */
import { Fault } from '@photofinish/shared/protocol/errors';
import { createMiddleware } from 'hono/factory';
import type { HttpDeps } from './deps.ts';
import type { HttpEnv } from './env.ts';

const BEARER = /^Bearer +([^\s,]+)$/i;

export const adminOnly = (tokens: HttpDeps['tokens']) =>
  createMiddleware<HttpEnv>(async (c, next) => {
    const token = BEARER.exec(c.req.header('authorization') ?? '')?.[1];
    if (token === undefined)
      throw new Fault(
        'UNAUTHENTICATED',
        'authorization: send the header Authorization: Bearer <admin token>',
        {
          field: 'authorization',
          fix: 'make a token with: npm run --silent token -- --role admin --sub YOUR_NAME',
        },
      );
    const principal = await tokens.verify(token);
    if (principal.role !== 'admin')
      throw new Fault(
        'FORBIDDEN',
        `authorization: a ${principal.role} token may not do this; use an admin token`,
        {
          field: 'authorization',
          limit: 'role admin',
          fix: 'use an admin token',
        },
      );
    c.set('principal', principal);
    await next();
  });
