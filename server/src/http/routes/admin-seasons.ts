/** A season's close, flush and settlement, for admins. The guard has run before. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { Fault } from '@photofinish/shared/protocol/errors';
import type { HttpDeps } from '../deps.ts';
import type { HttpEnv } from '../env.ts';
import {
  closeBody,
  noQuery,
  previewQuery,
  seasonAnswer,
  seasonParam,
  settlementAnswer,
  windowAnswer,
} from '../schemas.ts';
import { bearer, ok } from './answers.ts';

const tags = ['admin'];
/** Under the time that proxies give a request; a flush that needs longer goes on by its timer. */
const FLUSH_TIMEOUT_MS = 20_000;

const close = createRoute({
  method: 'post',
  path: '/v1/admin/seasons/{season}/close',
  tags,
  ...bearer,
  summary: "Close a season: no more ticks; finals of its matches for the board's grace time",
  request: {
    params: seasonParam,
    query: noQuery,
    body: { required: false, content: { 'application/json': { schema: closeBody } } },
  },
  responses: ok(seasonAnswer, 'The season, closing or closed; as it is when it was closed before'),
});
const flush = createRoute({
  method: 'post',
  path: '/v1/admin/seasons/{season}/flush',
  tags,
  ...bearer,
  summary: 'Commit everything that was acknowledged before this request',
  request: { params: seasonParam, query: noQuery },
  responses: ok(windowAnswer, 'The window after it'),
});
const settlement = {
  path: '/v1/admin/seasons/{season}/settlement',
  tags,
  ...bearer,
  request: { params: seasonParam, query: previewQuery },
} as const;
const settle = createRoute({
  ...settlement,
  method: 'put',
  summary: 'Settle prizes once: closes the season; the same settlement for ever after',
  responses: ok(settlementAnswer, 'The settlement'),
});
const find = createRoute({
  ...settlement,
  method: 'get',
  summary: 'The settlement, or with `?preview` what settling now would give',
  responses: ok(settlementAnswer, 'The settlement'),
});

const wantsPreview = (preview: string | undefined): boolean => preview === '' || preview === 'true';

export function adminSeasonRoutes(app: OpenAPIHono<HttpEnv>, deps: HttpDeps): void {
  const { catalogue, reads, seasons, settling } = deps;
  app.openapi(close, async (c) => {
    // Without a body the validator hands over {} as it is, without defaults.
    const now = c.req.valid('json').now ?? false;
    return c.json(await seasons.close(c.req.valid('param').season, c.var.principal.sub, { now }), 200);
  });
  app.openapi(flush, async (c) => {
    const { season: id } = c.req.valid('param');
    const season = await catalogue.live(await catalogue.season(id));
    try {
      await deps.flusher.drain(season, 'admin', FLUSH_TIMEOUT_MS);
    } catch (error) {
      if (error instanceof Fault) throw error;
      deps.log.warn({ err: error, season: id }, 'flush asked for by an admin did not complete');
      throw new Fault(
        'UNAVAILABLE',
        'the flush did not complete; what is dirty stays in Redis and is tried again',
        {
          retryAfterMs: 1_000,
        },
      );
    }
    return c.json(await reads.window(id), 200);
  });
  app.openapi(settle, async (c) => {
    const { season } = c.req.valid('param');
    const preview = wantsPreview(c.req.valid('query').preview);
    const result = preview
      ? await settling.preview(season)
      : await settling.settle(season, c.var.principal.sub);
    return c.json({ ...result, preview }, 200);
  });
  app.openapi(find, async (c) => {
    const { season } = c.req.valid('param');
    const preview = wantsPreview(c.req.valid('query').preview);
    return c.json({ ...(await (preview ? settling.preview(season) : settling.find(season))), preview }, 200);
  });
}
