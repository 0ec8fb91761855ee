/** Export of a season, for admins: streamed, with its length and hash told before. The guard has run before. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { EXPORT_FORMATS } from '../../season/export-format.ts';
import { EXPORT_SOURCES } from '../../season/export-store.ts';
import type { Export } from '../../season/season-export.ts';
import type { HttpDeps } from '../deps.ts';
import type { HttpEnv } from '../env.ts';
import { PROBLEM_TYPE } from '../problem.ts';
import { problemAnswer, seasonParam } from '../schemas.ts';
import { bearer } from './answers.ts';

const exportQuery = z.strictObject({
  format: z.enum(EXPORT_FORMATS).default('ndjson'),
  from: z
    .enum(EXPORT_SOURCES)
    .optional()
    .describe(
      'settled: what the settlement fixed. snapshot: entries as of the last flush. finals: what finals come to. Left out: settled where there is a settlement, else snapshot',
    ),
});
const body = z.string().describe('One line per entry, in rank order');

const exportRoute = createRoute({
  method: 'get',
  path: '/v1/admin/seasons/{season}/export',
  tags: ['admin'],
  ...bearer,
  summary: 'All entries of a season as of one moment, as CSV or NDJSON',
  request: { params: seasonParam, query: exportQuery },
  responses: {
    200: {
      description: 'The entries; content-length and the hash are of the whole body',
      headers: z.object({
        'content-length': z.string(),
        'photofinish-sha256': z.string().describe('Hex, of the body; the same hash as repr-digest has'),
        'photofinish-rows': z.string(),
        'repr-digest': z.string().describe('RFC 9530: sha-256'),
      }),
      content: { 'application/x-ndjson': { schema: body }, 'text/csv': { schema: body } },
    },
    default: {
      description: 'Anything that went wrong',
      content: { [PROBLEM_TYPE]: { schema: problemAnswer } },
    },
  },
});

export function adminExportRoutes(app: OpenAPIHono<HttpEnv>, { catalogue, exports, log }: HttpDeps): void {
  app.openapi(exportRoute, async (c) => {
    const season = await catalogue.season(c.req.valid('param').season);
    const { board } = await catalogue.live(season);
    const { format, from: source } = c.req.valid('query');
    const exported = await exports.begin({ season, board, format, source });
    const headers = {
      'content-type': exported.contentType,
      'content-length': String(exported.bytes),
      'content-disposition': `attachment; filename="${board.id}-${season.number}.${format}"`,
      'photofinish-rows': String(exported.rows),
      'photofinish-sha256': exported.sha256,
      'repr-digest': `sha-256=:${Buffer.from(exported.sha256, 'hex').toString('base64')}:`,
    };
    if (c.req.raw.method === 'HEAD') {
      await exported.close();
      return c.body(null, 200, headers) as never;
    }
    const failed = (error: unknown) => log.warn({ err: error, season: season.id }, 'export broke off');
    return c.body(streamOf(exported, failed), 200, headers) as never;
  });
}

/** Read as the client takes it. A client that goes away ends it, and gives the connection back. */
function streamOf(exported: Export, failed: (error: unknown) => void): ReadableStream<Uint8Array> {
  const parts = exported.body();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await parts.next();
          if (!done) return controller.enqueue(value);
          await exported.close();
          controller.close();
        } catch (error) {
          failed(error);
          await exported.close();
          controller.error(error);
        }
      },
      cancel: () => exported.close(),
    },
    { highWaterMark: 1 },
  );
}
