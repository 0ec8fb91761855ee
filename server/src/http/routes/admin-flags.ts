/** Flags: what looks like cheating and waits for an admin's word. The guard has run before. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { idSchema } from '@photofinish/shared/domain/board';
import { FLAG_STATUSES } from '../../board/flag-store.ts';
import type { HttpDeps } from '../deps.ts';
import type { HttpEnv } from '../env.ts';
import { flagAnswer, noQuery } from '../schemas.ts';
import { bearer, ok } from './answers.ts';

const tags = ['admin'];
const FLAGS_MAX = 1_000;

const listAnswer = z.object({
  flags: z.array(flagAnswer).describe('Oldest first'),
  next: z.number().int().optional().describe('Send as `after` for the next page; absent on the last one'),
});
const query = z.strictObject({
  board: idSchema.optional(),
  season: idSchema.optional(),
  player: idSchema.optional(),
  status: z.enum(FLAG_STATUSES).optional().describe('Of any status when left out'),
  after: z.coerce
    .number()
    .int()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .default(0)
    .describe('Flags after this id'),
  limit: z.coerce.number().int().min(1).max(FLAGS_MAX).default(100),
});
const params = z.object({ flag: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) });
const decision = { method: 'post', tags, ...bearer, request: { params, query: noQuery } } as const;

const list = createRoute({
  method: 'get',
  path: '/v1/admin/flags',
  tags,
  ...bearer,
  summary: 'Finals that look wrong, and what was decided about them',
  request: { query },
  responses: ok(listAnswer, 'The queue'),
});
const clear = createRoute({
  ...decision,
  path: '/v1/admin/flags/{flag}/clear',
  summary:
    'The score may stand; a settlement no longer waits for this flag. Who was hidden by confirming it stays hidden',
  responses: ok(flagAnswer, 'The flag'),
});
const confirm = createRoute({
  ...decision,
  path: '/v1/admin/flags/{flag}/confirm',
  summary: 'It is cheating: hides the player on the board',
  responses: ok(flagAnswer, 'The flag'),
});

export function adminFlagRoutes(app: OpenAPIHono<HttpEnv>, { flags }: HttpDeps): void {
  app.openapi(list, async (c) => {
    return c.json(await flags.list(c.req.valid('query')), 200);
  });
  app.openapi(clear, async (c) =>
    c.json(await flags.clear(c.req.valid('param').flag, c.var.principal.sub), 200),
  );
  app.openapi(confirm, async (c) =>
    c.json(await flags.confirm(c.req.valid('param').flag, c.var.principal.sub), 200),
  );
}
