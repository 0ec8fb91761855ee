import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { CLOSES, mayComeBack } from '@photofinish/shared/protocol/closes';
import { ERRORS } from '@photofinish/shared/protocol/errors';
import { LIMITS } from '@photofinish/shared/protocol/limits';
import { requestSchemas } from '@photofinish/shared/protocol/requests';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { until } from '../support/condition.ts';
import { fencesOf } from '../support/documents.ts';
import { type ServerProcess, startServer } from '../support/server.ts';
import {
  type Bindings,
  difference,
  type Example,
  examplesOf,
  expectation,
  fill,
} from '../support/wire-script.ts';

const text = readFileSync(resolve(import.meta.dirname, '../../docs/protocol.md'), 'utf8');
const examples = examplesOf(fencesOf(text));
const ROLES = {
  host: ['server', 'match-host'],
  ann: ['player', 'ann'],
  wall: ['viewer', 'wall'],
} as const;

type Received = Record<string, unknown>;

interface Line {
  socket: WebSocket;
  waiting: Received[];
}

let server: ServerProcess;
const lines = new Map<string, Line>();

beforeAll(async () => {
  server = await startServer({ env: { BOARDS_FILE: 'boards.json' } });
  for (const [name, [role, sub]] of Object.entries(ROLES)) {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/v1/ws`, 'photofinish.v1.json', {
      headers: { authorization: `Bearer ${await server.token(role, sub)}` },
    });
    const waiting: Received[] = [];
    socket.on('message', (data) => {
      for (const document of data.toString().split('\n')) waiting.push(JSON.parse(document) as Received);
    });
    await once(socket, 'open');
    lines.set(name, { socket, waiting });
  }
});

afterAll(async () => {
  for (const { socket } of lines.values()) socket.terminate();
  await server?.stop();
});

const lineOf = (example: Example): Line => {
  const line = lines.get(example.as);
  if (!line)
    throw new Error(
      `docs/protocol.md:${example.line} speaks as ${example.as}, whom the page does not introduce`,
    );
  return line;
};

/** Replies are told apart by their id, pushes by their type; pushes that the page does not show yet may come before. */
async function receive(example: Example, expected: Received, bindings: Bindings): Promise<void> {
  const { waiting } = lineOf(example);
  const isIt = (document: Received) =>
    'id' in expected
      ? 'id' in document && document['id'] === expected['id']
      : document['type'] === expected['type'];
  const index = await until(`docs/protocol.md:${example.line} ${JSON.stringify(expected)}`, () => {
    const found = waiting.findIndex(isIt);
    return found < 0 ? undefined : { found };
  });
  const [document] = waiting.splice(index.found, 1);
  expect(
    difference(expected, document, bindings),
    `docs/protocol.md:${example.line} got ${JSON.stringify(document)}`,
  ).toBe(undefined);
}

test('[PA10] every example of docs/protocol.md, played in order on real sockets, gets what the page says', async () => {
  const bindings: Bindings = new Map();
  expect(examples.length).toBeGreaterThan(20);
  for (const example of examples) {
    if (example.kind === 'send')
      lineOf(example).socket.send(example.lines.map((line) => fill(line, bindings)).join('\n'));
    else for (const line of example.lines) await receive(example, expectation(line), bindings);
  }
  const unshown = [...lines.values()].flatMap(({ waiting }) =>
    waiting.filter((document) => 'id' in document),
  );
  expect(unshown).toEqual([]);
});

test('[PA10] docs/protocol.md shows every request, every error code, every close and every limit', () => {
  const sent = examples.filter(({ kind }) => kind === 'send').flatMap(({ lines: documents }) => documents);
  for (const type of Object.keys(requestSchemas))
    expect(
      sent.some((document) => document.includes(`"type":"${type}"`)),
      type,
    ).toBe(true);

  const rows = (heading: string) =>
    [...(text.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '').matchAll(/^\| `?(\w+)`? +\|(.*)\|$/gm)]
      .map(([, name, rest]) => [name, ...(rest ?? '').split('|').map((cell) => cell.trim())] as string[])
      .filter(([name]) => !['code', 'limit'].includes(name ?? ''));
  expect(rows('Errors').map(([code, caller, status]) => [code, caller, Number(status)])).toEqual(
    Object.entries(ERRORS).map(([code, { caller, status }]) => [code, caller, status]),
  );
  expect(rows('Closes')).toEqual(
    Object.values(CLOSES).map(({ code, reason }) => [`${code}`, mayComeBack(code) ? 'yes' : 'no', reason]),
  );
  expect(rows('Limits').map(([name, value]) => [name, Number(value)])).toEqual(Object.entries(LIMITS));
});
