import { describe, expect, it } from 'vitest';
import { buildApp } from '../../../server/src/http/app.ts';
import { openApiDocument } from '../../../server/src/http/openapi.ts';
import { doubles } from './doubles.ts';

const app = buildApp(doubles().deps);
const document = openApiDocument(app);

type Operation = {
  summary?: string;
  tags?: string[];
  security?: unknown[];
  responses: Record<string, { content?: Record<string, unknown> }>;
};
const operations = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
  Object.entries(item as Record<string, Operation>).map(([method, operation]) => ({
    path,
    method,
    operation,
  })),
);

describe('the description', () => {
  it('[HT13] covers every route but the page and the WebSocket, and no other', () => {
    const page = new Set(['/', '/assets/*', '/v1/ws']);
    const routes = app.routes
      .filter(({ method, path }) => method !== 'ALL' && !page.has(path) && !path.startsWith('/:file'))
      .map(({ method, path }) => `${method} ${path.replace(/:([a-z]+)/g, '{$1}')}`);
    const described = operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
    expect([...new Set(routes)].sort()).toEqual([...described].sort());
  });

  it('[HT13] says of every operation what it is, what it answers, and how it fails', () => {
    for (const { path, operation } of operations) {
      expect(operation.summary, path).toBeTruthy();
      expect(operation.tags, path).toHaveLength(1);
      expect(operation.responses['default']?.content, path).toHaveProperty('application/problem+json');
    }
  });

  it('[HT13] asks for a bearer token on the admin API and of players, and takes one where boards may be private', () => {
    const asked = (path: string) => {
      if (/^\/v1\/(?:admin|players)\//.test(path)) return [{ bearer: [] }];
      return /^\/v1\/(?:boards|seasons)\b/.test(path) ? [{}, { bearer: [] }] : undefined;
    };
    for (const { path, operation } of operations) expect(operation.security, path).toEqual(asked(path));
    expect(document.components?.securitySchemes).toHaveProperty('bearer');
  });

  it('[HT13] every reference leads somewhere', () => {
    const names = new Set(Object.keys(document.components?.schemas ?? {}));
    for (const [, name = ''] of JSON.stringify(document).matchAll(/#\/components\/schemas\/(\w+)/g))
      expect(names).toContain(name);
  });
});
