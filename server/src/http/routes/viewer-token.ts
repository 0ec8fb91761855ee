/** Tokens for the live page. Anyone who can load the page may watch, and a viewer token lets nobody do more; the same-origin
 *  rule only keeps other sites from making their visitors mint them. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { Fault } from '@photofinish/shared/protocol/errors';
import { nanoid } from 'nanoid';
import { clientAddress } from '../client-address.ts';
import type { HttpDeps } from '../deps.ts';
import type { HttpEnv } from '../env.ts';
import { RateLimit } from '../rate-limit.ts';
import { noQuery } from '../schemas.ts';
import { ok } from './answers.ts';

const TTL_SECONDS = 600;
/** A page asks once in ten minutes; the rest is for many viewers behind one address. */
const TOKENS_PER_SECOND = 2;
const TOKENS_AT_ONCE = 60;

const answer = z
  .object({
    token: z.string(),
    expiresAt: z.number().int().describe('Milliseconds since the Unix epoch'),
  })
  .meta({ id: 'ViewerToken' });

const mint = createRoute({
  method: 'post',
  path: '/v1/viewer-token',
  tags: ['page'],
  summary: 'A viewer token of 10 minutes for the live page, to the page itself only',
  request: { query: noQuery },
  responses: ok(answer, 'The token'),
});

export function viewerTokenRoutes(app: OpenAPIHono<HttpEnv>, deps: HttpDeps): void {
  const limit = new RateLimit({ perSecond: TOKENS_PER_SECOND, burst: TOKENS_AT_ONCE, clock: deps.clock });
  app.openapi(mint, async (c) => {
    if (!deps.viewerToken)
      throw new Fault('NOT_FOUND', 'this server mints no tokens for its page', {
        fix: 'set PUBLIC_PAGE to true and JWT_SECRET, or bring a token of your own',
      });
    requireSameOrigin((name) => c.req.header(name));
    limit.take(clientAddress(c, deps.proxyHops));
    const token = await deps.viewerToken({ sub: `viewer-${nanoid(12)}`, ttlSeconds: TTL_SECONDS });
    const expiresAt = Date.now() + TTL_SECONDS * 1_000;
    return c.json({ token, expiresAt }, 200, { 'cache-control': 'no-store' });
  });
}

/** Browsers send Sec-Fetch-Site on secure origins and Origin on every POST, and pages cannot forge either.
 *  @throws Fault FORBIDDEN */
function requireSameOrigin(header: (name: string) => string | undefined): void {
  const site = header('sec-fetch-site');
  const origin = header('origin');
  const same =
    site === undefined
      ? origin !== undefined && URL.canParse(origin) && new URL(origin).host === header('host')
      : site === 'same-origin';
  if (!same)
    throw new Fault('FORBIDDEN', 'origin: only the page that this server serves may have this token', {
      field: 'origin',
      limit: 'same origin',
      fix: 'open the page of this server, or make a token with npm run token',
    });
}
