/** Headers on every answer. There is no CORS: a page of another origin can read nothing here. */
import { createMiddleware } from 'hono/factory';
import type { HttpEnv } from './env.ts';

const NOTHING = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
/** A Host header may say anything; only a plain one may enter a policy. */
const PLAIN_HOST = /^[A-Za-z0-9.:[\]-]{1,255}$/;

/** The page loads its own files and speaks to its own server. Older browsers do not count ws: as 'self'. */
const pagePolicy = (host: string): string => {
  const sockets = PLAIN_HOST.test(host) ? ` ws://${host} wss://${host}` : '';
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "manifest-src 'self'",
    `connect-src 'self'${sockets}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
};

export const securityHeaders = createMiddleware<HttpEnv>(async (c, next) => {
  await next();
  const { headers } = c.res;
  // By address, not by content type: a 304 has none, and browsers give its policy to the page that they kept.
  const isPage = c.req.path === '/';
  headers.set('content-security-policy', isPage ? pagePolicy(c.req.header('host') ?? '') : NOTHING);
  headers.set('x-content-type-options', 'nosniff');
  headers.set('x-frame-options', 'DENY');
  headers.set('referrer-policy', 'no-referrer');
  headers.set('cross-origin-resource-policy', 'same-origin');
  headers.set('cross-origin-opener-policy', 'same-origin');
});
