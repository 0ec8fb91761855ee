/** Runs docs/admin.md: every request of the page, in order, against a server. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { must } from '../support/admin.ts';
import { until } from '../support/condition.ts';
import { fencesOf } from '../support/documents.ts';
import { type ServerProcess, startServer } from '../support/server.ts';
import { openWire } from '../support/wire.ts';

const page = readFileSync(resolve(import.meta.dirname, '../../docs/admin.md'), 'utf8');
const steps = fencesOf(page).filter(({ language }) => language === 'http');

let server: ServerProcess;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server?.stop());

/** What the page takes for granted: a match was played, and one of its finals is flagged. */
async function play(): Promise<Record<string, string>> {
  const host = await openWire(server.url, await server.token('server', 'host'));
  const { match, season } = await host.ok({ type: 'match.start', board: 'cup' });
  const scores = { ann: 100, bob: 200, cyd: 50 };
  for (const [player, score] of Object.entries(scores))
    await host.ok({ type: 'tick', match, player, score, seq: 1 });
  const finals = Object.entries({ ...scores, bob: 900 }).map(([player, score]) => ({ player, score }));
  await host.ok({ type: 'match.end', match, finals });
  host.close();
  const flags = async () => (await must(server, 'GET', '/v1/admin/flags?status=open')).flags;
  await until('the final is flagged', async () => (await flags()).length === 1);
  return { match: String(match), season: String(season), flag: String((await flags())[0].id) };
}

test('[PA13] every request of docs/admin.md is answered with the status that the page says', async () => {
  const authorization = `Bearer ${await server.token('admin', 'ann')}`;
  let ids: Record<string, string> = {};
  for (const { text, words, line } of steps) {
    const [status, then] = words;
    const [head = '', body] = text.split('\n\n');
    const [first = '', ...fields] = head.split('\n');
    const [method = '', path = ''] = first.split(' ');
    const response = await fetch(server.url + path.replace(/\{(\w+)\}/g, (_, name) => ids[name] ?? name), {
      method,
      headers: {
        authorization,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...Object.fromEntries(fields.map((field) => field.toLowerCase().split(': '))),
      },
      ...(body === undefined ? {} : { body }),
    });
    const answer = await response.text();
    expect(`line ${line}: ${response.status} ${answer}`).toMatch(new RegExp(`^line ${line}: ${status} `));
    if (path.includes('/import')) expect(answer).toMatch(/"type":"done".*"imported":2.*"refused":0/);
    if (path.includes('/settlement')) expect(JSON.parse(answer)).toMatchObject({ amountMinor: 10_000 });
    if (then === 'play') ids = await play();
  }
  expect(steps.length).toBeGreaterThan(15);
});
