/** Who changed what, for admins. The guard has run before. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { HttpDeps } from '../deps.ts';
import type { HttpEnv } from '../env.ts';
import { bearer, ok } from './answers.ts';

const RECORDS_MAX = 1_000;
const TEXT_MAX = 200;

const text = (what: string) => z.string().min(1).max(TEXT_MAX).optional().describe(what);
const query = z.strictObject({
  target: text('Id of what was changed: a board, season, player, match or flag'),
  by: text(
    'Subject of the token; `system` for what the server did by itself, `boards-command` for that command',
  ),
  action: text('As `season.close` or `player.hide`'),
  before: z.coerce
    .number()
    .int()
    .min(1)
    .max(Number.MAX_SAFE_INTEGER)
    .optional()
    .describe('Records older than the one with this id'),
  limit: z.coerce.number().int().min(1).max(RECORDS_MAX).default(100),
});
const record = z
  .object({
    id: z.number().int(),
    at: z.number().int().describe('By the clock of the database, in milliseconds since the Unix epoch'),
    by: z.string(),
    action: z.string(),
    target: z.string(),
    detail: z
      .record(z.string(), z.unknown())
      .describe('What it was before and after, as far as the action has that'),
  })
  .meta({ id: 'AuditRecord' });
const answer = z.object({
  records: z.array(record).describe('Newest first'),
  next: z.number().int().optional().describe('Send as `before` for the next page; absent on the last one'),
});

const list = createRoute({
  method: 'get',
  path: '/v1/admin/audit-log',
  tags: ['admin'],
  ...bearer,
  summary: 'Who changed what, and when: one record for each change, written with it',
  request: { query },
  responses: ok(answer, 'A page of the log'),
});

export function adminAuditLogRoutes(app: OpenAPIHono<HttpEnv>, { audit }: HttpDeps): void {
  app.openapi(list, async (c) => {
    const of = c.req.valid('query');
    const found = await audit.list({ ...of, limit: of.limit + 1 });
    const records = found.slice(0, of.limit);
    const next = found.length > of.limit ? records.at(-1)?.id : undefined;
    return c.json({ records, ...(next === undefined ? {} : { next }) }, 200);
  });
}
