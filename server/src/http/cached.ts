/** Reads that may be kept: those of settled seasons, whose ranks stay. Names may still change, and players be forgotten, so they are
 *  kept for a short time and then asked about by their ETag; live ones are old as soon as they are sent (`no-store`). */
import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import type { HttpEnv } from './env.ts';

/** Longer, and a player who was forgotten stays readable in caches for so long. */
const KEPT_SECONDS = 60;

export function settledOrNot<A extends { source: string }>(c: Context<HttpEnv>, answer: A) {
  if (answer.source !== 'settled') return c.json(answer, 200);
  const etag = `"${createHash('sha256').update(JSON.stringify(answer)).digest('base64url').slice(0, 22)}"`;
  // A private board's answers are for whoever sent the token.
  const scope = c.req.header('authorization') === undefined ? 'public' : 'private';
  c.header('etag', etag);
  c.header('vary', 'Authorization');
  c.header('cache-control', `${scope}, max-age=${KEPT_SECONDS}`);
  const known = c.req.header('if-none-match')?.split(/\s*,\s*/) ?? [];
  if (known.includes(etag) || known.includes(`W/${etag}`)) return notModified(c);
  return c.json(answer, 200);
}

/** Typed as the answer that the client already has. */
const notModified = (c: Context<HttpEnv>): never => c.body(null, 304) as never;
