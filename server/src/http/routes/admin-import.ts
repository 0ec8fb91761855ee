/** Import of a past season, for admins: the body is read as it comes, and the answer tells as it goes. The guard has run before. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { ImportEvent } from '../../season/season-import.ts';
import type { HttpDeps } from '../deps.ts';
import type { HttpEnv } from '../env.ts';
import { HttpFault, PROBLEM_TYPE } from '../problem.ts';
import { importEvent, importQuery, problemAnswer, seasonParam } from '../schemas.ts';
import { bearer } from './answers.ts';

export const IMPORT_PATH = '/v1/admin/seasons/{season}/import';

const NDJSON = 'application/x-ndjson';
/** A sender that stops in the middle gives its place back. */
const SILENCE_MS = 30_000;

const rows = z.string().describe('A row per line: player, score, and optionally achievedAt in milliseconds');

const importRoute = createRoute({
  method: 'post',
  path: IMPORT_PATH,
  tags: ['admin'],
  ...bearer,
  summary:
    'Import entries into a closed season, as NDJSON or as CSV with a header (player, score, achievedAt, columns.ID); the same rows again change nothing. With mode=replace: correct them',
  request: {
    params: seasonParam,
    query: importQuery,
    body: {
      required: true,
      content: { [NDJSON]: { schema: rows }, 'text/csv': { schema: rows } },
    },
  },
  responses: {
    200: {
      description: 'A line each for refused rows and for progress; the last one is of type done or failed',
      content: { [NDJSON]: { schema: importEvent } },
    },
    default: {
      description: 'Nothing was read',
      content: { [PROBLEM_TYPE]: { schema: problemAnswer } },
    },
  },
});

export function adminImportRoutes(app: OpenAPIHono<HttpEnv>, { imports }: HttpDeps): void {
  app.openapi(importRoute, async (c) => {
    const { season } = c.req.valid('param');
    const { mode } = c.req.valid('query');
    const format = formatOf(c.req.header('content-type'));
    const lines = new TransformStream<string, Uint8Array>({
      transform: (line, controller) => controller.enqueue(new TextEncoder().encode(line)),
    });
    const writer = lines.writable.getWriter();
    // Not awaited, so that a client which reads the answer only after sending all cannot lock up itself: what is told is bounded.
    const tell = (text: string) => void writer.write(text).catch(() => undefined);
    const { run } = await imports.begin({
      season,
      by: c.var.principal.sub,
      ...{ format, mode },
      body: untilSilent(c.req.raw.body),
      emit: (event: ImportEvent) => tell(`${JSON.stringify(event)}\n`),
    });
    void run().finally(() => writer.close().catch(() => undefined));
    return c.body(lines.readable, 200, { 'content-type': NDJSON }) as never;
  });
}

function formatOf(contentType: string | undefined): 'ndjson' | 'csv' {
  const type = contentType?.split(';')[0]?.trim().toLowerCase();
  if (type === NDJSON) return 'ndjson';
  if (type === 'text/csv') return 'csv';
  throw new HttpFault('UNSUPPORTED_MEDIA_TYPE', `content-type: must be ${NDJSON} or text/csv`, {
    field: 'content-type',
    limit: `${NDJSON} or text/csv`,
    fix: `send the header content-type: ${NDJSON} or text/csv`,
  });
}

/** The body's chunks. @throws Error when none comes for a while, or the sender is gone */
async function* untilSilent(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  if (!body) return;
  const reader = body.getReader();
  try {
    for (;;) {
      let timer: NodeJS.Timeout | undefined;
      const silence = new Promise<never>((_, reject) => {
        timer = setTimeout(
          () => reject(new Error(`the import's sender was silent for ${SILENCE_MS} ms`)),
          SILENCE_MS,
        );
      });
      const { done, value } = await Promise.race([reader.read(), silence]).finally(() => clearTimeout(timer));
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
