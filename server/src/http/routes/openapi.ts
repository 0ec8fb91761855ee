import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { HttpEnv } from '../env.ts';
import { openApiDocument } from '../openapi.ts';
import { noQuery } from '../schemas.ts';
import { ok } from './answers.ts';

const get = createRoute({
  method: 'get',
  path: '/v1/openapi.json',
  tags: ['operations'],
  summary: 'This document',
  request: { query: noQuery },
  responses: ok(z.record(z.string(), z.unknown()), 'OpenAPI 3.1'),
});

export function openApiRoutes(app: OpenAPIHono<HttpEnv>): void {
  let document: Record<string, unknown> | undefined;
  app.openapi(get, (c) => {
    document ??= { ...openApiDocument(app) };
    return c.json(document, 200);
  });
}
