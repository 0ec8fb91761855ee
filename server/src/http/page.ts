/** The built live page: its index at `/`, its hashed files under `/assets`. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { serveStatic } from '@hono/node-server/serve-static';
import type { Hono } from 'hono';
import { etag } from 'hono/etag';
import type { HttpEnv } from './env.ts';

/** Hashed names never change their content. */
const FOR_EVER = 'public, max-age=31536000, immutable';

const NOT_BUILT =
  'The live page is not built yet. Run `npm run build:web`, and load this address again.\nThe API works without it: GET /v1/boards, GET /v1/openapi.json.\n';

export function pageRoutes(app: Hono<HttpEnv>, directory: string): void {
  // serveStatic complains on the console about a root that does not exist; the page may be built later.
  const files = (cacheControl: string) => {
    let handler: ReturnType<typeof serveStatic<HttpEnv>> | undefined;
    return async (...[c, next]: Parameters<ReturnType<typeof serveStatic<HttpEnv>>>) => {
      if (!handler && !existsSync(join(directory, 'index.html'))) return next();
      handler ??= serveStatic<HttpEnv>({
        root: directory,
        onFound: (_, found) => found.header('cache-control', cacheControl),
      });
      return handler(c, next);
    };
  };
  app.get('/', etag(), files('no-cache'), (c) => c.text(NOT_BUILT, 200, { 'cache-control': 'no-store' }));
  app.get('/assets/*', files(FOR_EVER));
  app.get('/:file{[A-Za-z0-9_-]+\\.(?:svg|png|ico|webmanifest|txt)}', etag(), files('no-cache'));
}
