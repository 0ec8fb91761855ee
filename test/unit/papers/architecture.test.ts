import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { checkArchitecture } from '../../checks/architecture.ts';
import { FILE_LINES_MAX } from '../../checks/architecture-rules.ts';
import { findCycles } from '../../checks/cycles.ts';

const made: string[] = [];

/** A project of these files, with the manifests that the checker asks for packages. */
function project(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'photofinish-architecture-'));
  made.push(root);
  const manifests = {
    'package.json': JSON.stringify({ devDependencies: { vitest: '1' } }),
    'server/package.json': JSON.stringify({
      dependencies: { ioredis: '1', postgres: '1', nanoid: '1', ws: '1' },
    }),
    'shared/package.json': JSON.stringify({ dependencies: { zod: '1' } }),
  };
  for (const [path, text] of Object.entries({ ...manifests, ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

const problemsOf = (files: Record<string, string>): string[] => checkArchitecture(project(files)).problems;

afterEach(() => {
  for (const root of made.splice(0)) rmSync(root, { recursive: true, force: true });
});

test('[PA1] an import that goes along the rules is let through', () => {
  expect(
    problemsOf({
      'shared/src/domain/score.ts': 'export const max = 1;\n',
      'server/src/observe/log.ts': 'export interface Log {}\n',
      'server/src/board/reads.ts':
        "import { max } from '@photofinish/shared/domain/score';\nimport { nanoid } from 'nanoid';\nimport type { Log } from '../observe/log.ts';\nexport const a = (_: Log) => nanoid(max);\n",
      'server/src/redis/live.ts':
        "import Redis from 'ioredis';\nimport { a } from '../board/reads.ts';\nexport const b = [Redis, a];\n",
    }),
  ).toEqual([]);
});

test.each([
  ['a value', "import { keys } from '../redis/keys.ts';\nexport const a = keys;\n"],
  ['a type', "import type { Keys } from '../redis/keys.ts';\nexport type A = Keys;\n"],
  ['an inline type', "export type A = import('../redis/keys.ts').Keys;\n"],
  ['a re-export', "export * from '../redis/keys.ts';\n"],
  ['a named re-export', "export { keys } from '../redis/keys.ts';\n"],
  ['at run time', "export const a = await import('../redis/keys.ts');\n"],
])('[PA1] the core that imports Redis is found, when it imports %s', (_, text) => {
  const problems = problemsOf({
    'server/src/redis/keys.ts': 'export const keys = 1;\nexport type Keys = 1;\n',
    'server/src/board/reads.ts': text,
  });
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(
    /^server\/src\/board\/reads\.ts:1 imports \.\.\/redis\/keys\.ts: board may import .* not redis$/,
  );
});

test.each([
  [
    'adapters of each other',
    'server/src/redis/a.ts',
    "import '../postgres/b.ts';\n",
    'server/src/postgres/b.ts',
  ],
  ['an edge of an adapter', 'server/src/http/a.ts', "import '../redis/b.ts';\n", 'server/src/redis/b.ts'],
  ['an edge of another', 'server/src/ws/a.ts', "import '../http/b.ts';\n", 'server/src/http/b.ts'],
  [
    'shared of the server',
    'shared/src/domain/a.ts',
    "import '../../../server/src/board/b.ts';\n",
    'server/src/board/b.ts',
  ],
  [
    'the simulator of the server',
    'client-sim/src/a.ts',
    "import '../../server/src/board/b.ts';\n",
    'server/src/board/b.ts',
  ],
  [
    'the simulator of the shared order',
    'client-sim/src/a.ts',
    "import '@photofinish/shared/domain/b';\n",
    'shared/src/domain/b.ts',
  ],
  [
    'the server of the tests',
    'server/src/board/a.ts',
    "import '../../../test/support/b.ts';\n",
    'test/support/b.ts',
  ],
])('[PA1] forbidden imports are found: %s', (_, path, text, target) => {
  const problems = problemsOf({ [path]: text, [target]: 'export {};\n' });
  expect(problems.filter((problem) => problem.startsWith(`${path}:1 imports`))).toHaveLength(1);
});

test('[PA1] packages must be declared, and be of the room', () => {
  const problems = problemsOf({
    'server/src/board/a.ts': "import 'ioredis';\nimport 'undeclared';\n",
    'server/src/http/b.ts': "import 'hono';\n",
    'shared/src/domain/c.ts': "import 'node:fs';\n",
  });
  expect(problems).toEqual([
    'server/src/board/a.ts:1 imports ioredis: board may use nanoid, zod',
    'server/src/board/a.ts:2 imports undeclared: board may use nanoid, zod',
    'server/src/http/b.ts:1 imports hono: server/package.json does not list hono',
    'shared/src/domain/c.ts:1 imports node:fs: domain uses nothing of Node',
  ]);
});

test('[PA1] import cycles are found, type imports included', () => {
  const problems = problemsOf({
    'server/src/board/a.ts': "import type { B } from './b.ts';\nexport type A = B;\n",
    'server/src/board/b.ts': "import type { C } from '../flush/c.ts';\nexport type B = C;\n",
    'server/src/flush/c.ts': "import type { A } from '../board/a.ts';\nexport type C = A | 1;\n",
  });
  expect(problems).toEqual([
    'server/src/board/a.ts:1 import cycle: server/src/board/a.ts -> server/src/board/b.ts -> server/src/flush/c.ts -> server/src/board/a.ts',
  ]);
  expect(
    findCycles(
      new Map([
        ['a', ['b', 'c']],
        ['b', ['c']],
        ['c', []],
      ]),
    ),
  ).toEqual([]);
});

test('[PA2] the environment is read, and the process ended, only where that is allowed', () => {
  const problems = problemsOf({
    'server/src/config.ts': 'export const a = process.env;\n',
    'server/src/board/a.ts':
      "export const a = process.env['X'];\nexport const b = process['env'];\nconst { env } = process;\nexport const c = env;\n",
    'server/src/ws/b.ts': "import { env } from 'node:process';\nexport const a = env;\nprocess.exit(1);\n",
  });
  expect(problems).toEqual([
    'server/src/board/a.ts:1 reads process.env: board is told its configuration',
    'server/src/board/a.ts:2 reads process.env: board is told its configuration',
    'server/src/board/a.ts:3 reads process.env: board is told its configuration',
    'server/src/ws/b.ts:1 reads process.env: ws is told its configuration',
    'server/src/ws/b.ts:3 ends the process: ws throws or returns instead',
  ]);
});

test('[PA1] a file of no room, a missing file and a file past the length limit are found', () => {
  const problems = problemsOf({
    'server/src/utils/a.ts': 'export {};\n',
    'server/src/board/b.ts': "import './gone.ts';\n",
    'server/src/board/long.ts': '\n'.repeat(FILE_LINES_MAX + 1),
  });
  expect(problems).toEqual([
    'server/src/board/b.ts:1 imports ./gone.ts: there is no such file',
    `server/src/board/long.ts:401 has 401 lines; the limit is ${FILE_LINES_MAX}: split it by idea`,
    'server/src/utils/a.ts:1 belongs to no room of architecture-rules.ts',
  ]);
});

test('[PA1] a check that sees no import fails', () => {
  expect(problemsOf({ 'server/src/board/a.ts': 'export {};\n' })).toEqual([
    'no import was found in any file',
  ]);
});

test('[PA1] this project keeps to the rules, and the checker sees its imports', () => {
  const report = checkArchitecture(resolve(import.meta.dirname, '../../..'));
  expect(report.problems).toEqual([]);
  expect(report.imports).toBeGreaterThan(report.files);
});
