/** The API's own description, from the same routes that answer it. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { HttpEnv } from './env.ts';

export function openApiDocument(app: OpenAPIHono<HttpEnv>) {
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Photofinish',
      version: '1',
      description:
        'Public reads, the admin API and operations of a Photofinish server. Scores are sent over WebSocket (docs/protocol.md). Every error is a problem document (RFC 9457) with a stable `code`, and names the field, the limit and the fix where there is one.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [
      { name: 'boards', description: 'Public reads of boards and ranks' },
      { name: 'seasons', description: 'Public reads of seasons and their consistency window' },
      { name: 'players', description: 'Players and their names' },
      { name: 'page', description: 'What the live page needs' },
      { name: 'admin', description: 'For tokens with role admin' },
      { name: 'operations', description: 'Health, metrics, this document' },
    ],
  });
}

export function describeBearer(app: OpenAPIHono<HttpEnv>): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description:
      'A JWT with a role. The admin API asks for role admin: npm run --silent token -- --role admin --sub YOUR_NAME. Reads of private boards and players take player and server tokens too',
  });
}
