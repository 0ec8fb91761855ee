/** The HTTP edge: public reads, the admin API, health, metrics and the page, in one app.
 *
 *  Order matters and is this: count, headers, limit by address, who (admin only), how large, then the routes. So a stranger
 *  costs one bucket look-up, and nothing of a body is read before its sender may send one. */
import { OpenAPIHono } from '@hono/zod-openapi';
import { Fault } from '@photofinish/shared/protocol/errors';
import { bodyLimit } from 'hono/body-limit';
import { except } from 'hono/combine';
import { createMiddleware } from 'hono/factory';
import { routePath } from 'hono/route';
import { invalidRequest } from '../board/invalid-request.ts';
import { allowedMethods } from './allowed-methods.ts';
import { clientAddress } from './client-address.ts';
import type { HttpDeps } from './deps.ts';
import type { HttpEnv } from './env.ts';
import { adminOnly } from './guard.ts';
import { describeBearer } from './openapi.ts';
import { pageRoutes } from './page.ts';
import { faultOf, HttpFault, internalProblem, problemOf, respond } from './problem.ts';
import { RateLimit } from './rate-limit.ts';
import { readersOnly } from './readers.ts';
import { adminAuditLogRoutes } from './routes/admin-audit-log.ts';
import { adminBoardRoutes } from './routes/admin-boards.ts';
import { adminExportRoutes } from './routes/admin-export.ts';
import { adminFlagRoutes } from './routes/admin-flags.ts';
import { adminFlushFailureRoutes } from './routes/admin-flush-failures.ts';
import { adminImportRoutes } from './routes/admin-import.ts';
import { adminMatchRoutes } from './routes/admin-matches.ts';
import { adminPlayerRoutes } from './routes/admin-players.ts';
import { adminSeasonEventRoutes } from './routes/admin-season-events.ts';
import { adminSeasonRoutes } from './routes/admin-seasons.ts';
import { boardRoutes } from './routes/boards.ts';
import { healthRoutes } from './routes/health.ts';
import { openApiRoutes } from './routes/openapi.ts';
import { pastStandingsRoutes } from './routes/past-standings.ts';
import { playerRoutes } from './routes/players.ts';
import { seasonRoutes } from './routes/seasons.ts';
import { viewerTokenRoutes } from './routes/viewer-token.ts';
import { securityHeaders } from './security-headers.ts';

/** Far more than the largest board needs; raising it lets one admin request cost that much memory. */
export const BODY_BYTES_MAX = 1_048_576;

/** An import is read line by line as it comes, within limits of its own. */
const IMPORT_ROUTE = '/v1/admin/seasons/:season/import';

/** Where zod-openapi looked, in the caller's words. */
const PLACES: Readonly<Record<string, string>> = { json: 'body', param: 'path', query: 'query' };

/** The gateway's address: upgrades never come here, and plain requests are told so. */
const SOCKET_PATH = '/v1/ws';

export type HttpApp = OpenAPIHono<HttpEnv>;

export function buildApp(deps: HttpDeps): HttpApp {
  const app: HttpApp = new OpenAPIHono<HttpEnv>({
    defaultHook: (result) => {
      if (!result.success) throw invalidRequest(result.error, PLACES[result.target] ?? result.target);
    },
  });
  describeBearer(app);
  app.use(counted(deps));
  app.use(securityHeaders);
  app.use('/v1/*', limited(deps), noStore);
  app.use('/v1/admin/*', adminOnly(deps.tokens), except(IMPORT_ROUTE, bounded));
  app.use('/v1/viewer-token', bounded);
  app.use('/v1/players/*', bounded);
  for (const path of [
    '/v1/boards/:board',
    '/v1/boards/:board/*',
    '/v1/seasons/:season',
    '/v1/seasons/:season/*',
  ])
    app.use(path, readersOnly(deps));

  healthRoutes(app, deps);
  boardRoutes(app, deps);
  seasonRoutes(app, deps);
  pastStandingsRoutes(app, deps);
  adminBoardRoutes(app, deps);
  adminPlayerRoutes(app, deps);
  adminMatchRoutes(app, deps);
  adminSeasonRoutes(app, deps);
  adminImportRoutes(app, deps);
  adminFlagRoutes(app, deps);
  adminFlushFailureRoutes(app, deps);
  adminSeasonEventRoutes(app, deps);
  adminExportRoutes(app, deps);
  adminAuditLogRoutes(app, deps);
  playerRoutes(app, deps);
  viewerTokenRoutes(app, deps);
  openApiRoutes(app);
  app.get(SOCKET_PATH, needsUpgrade);
  pageRoutes(app, deps.pageDirectory);

  answerErrors(app, deps);
  return app;
}

function answerErrors(app: HttpApp, { log }: HttpDeps): void {
  const methodsOf = allowedMethods(app.routes);
  app.notFound((c) => {
    const methods = methodsOf(c.req.path);
    // A method that the address has was answered by no route: the page has no such file.
    if (methods.length === 0 || methods.includes(c.req.method))
      return respond(
        problemOf(
          new Fault('NOT_FOUND', 'path: there is nothing at this address; GET /v1/openapi.json lists all', {
            field: 'path',
            fix: 'GET /v1/openapi.json lists all addresses',
          }),
        ),
      );
    const allow = methods.join(', ');
    return respond(
      problemOf(
        new HttpFault('METHOD_NOT_ALLOWED', `method: this address takes ${allow}`, {
          field: 'method',
          limit: allow,
          fix: `use one of ${allow}`,
        }),
      ),
      { allow },
    );
  });
  app.onError((error, c) => {
    const fault = faultOf(error);
    if (fault) return respond(problemOf(fault), fault instanceof HttpFault ? fault.headers : {});
    const problem = internalProblem();
    log.error(
      { err: error, method: c.req.method, route: routePath(c, -1), instance: problem.instance },
      'http request failed',
    );
    return respond(problem);
  });
}

const counted = ({ observer }: HttpDeps) =>
  createMiddleware<HttpEnv>(async (c, next) => {
    const startedAt = performance.now();
    await next();
    const route = c.res.status === 404 || c.res.status === 405 ? 'none' : routePath(c, -1);
    observer.answered({
      method: METHODS.has(c.req.method) ? c.req.method : 'other',
      route,
      status: c.res.status,
      ms: performance.now() - startedAt,
    });
  });

/** Anything else in the method would make a new series each time. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);

const limited = ({ requestsPerSecondMax, proxyHops, clock }: HttpDeps) => {
  const limit = new RateLimit({ perSecond: requestsPerSecondMax, burst: requestsPerSecondMax * 2, clock });
  return createMiddleware<HttpEnv>(async (c, next) => {
    limit.take(clientAddress(c, proxyHops));
    await next();
  });
};

/** Ranks are old as soon as they are sent. */
const noStore = createMiddleware<HttpEnv>(async (c, next) => {
  await next();
  if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-store');
});

const bounded = bodyLimit({
  maxSize: BODY_BYTES_MAX,
  onError: () => {
    throw new HttpFault(
      'BODY_TOO_LARGE',
      `body: larger than ${BODY_BYTES_MAX} bytes`,
      { field: 'body', limit: `${BODY_BYTES_MAX} bytes`, fix: 'send a smaller body' },
      // The rest of the body will not be read, so the connection is of no more use.
      { connection: 'close' },
    );
  },
});

const needsUpgrade = () => {
  throw new HttpFault(
    'UPGRADE_REQUIRED',
    'upgrade: this is the address of the WebSocket; connect to it with a WebSocket client',
    {
      field: 'upgrade',
      limit: 'websocket',
      fix: 'connect with a WebSocket client, as docs/protocol.md shows',
    },
    { upgrade: 'websocket', connection: 'upgrade' },
  );
};
