import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { filesUnder } from '../../checks/files.ts';

const root = resolve(import.meta.dirname, '../../..');
const read = (path: string) => readFileSync(resolve(root, path), 'utf8');

interface Manifest {
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  workspaces?: string[];
}

test('[PA6] docs/dependencies.md tells why for every direct dependency, and for no other package', () => {
  const manifest = JSON.parse(read('package.json')) as Manifest;
  const manifests = [
    manifest,
    ...(manifest.workspaces ?? []).map((name) => JSON.parse(read(`${name}/package.json`)) as Manifest),
  ];
  const direct = new Set(
    manifests.flatMap((each) => [
      ...Object.keys(each.dependencies ?? {}),
      ...Object.keys(each.devDependencies ?? {}),
    ]),
  );
  const rows = [...read('docs/dependencies.md').matchAll(/^\| `([^`]+)` +\| (.+?) *\|$/gm)];
  expect(rows.map((row) => row[1]).sort()).toEqual([...direct].sort());
  for (const row of rows) expect(row[2]?.length, row[1]).toBeGreaterThan(20);
});

test('[PA6] every dependency of a workspace is imported by its sources', () => {
  const unused: string[] = [];
  for (const workspace of ['shared', 'server', 'client-sim']) {
    const manifest = JSON.parse(read(`${workspace}/package.json`)) as Manifest;
    const sources = filesUnder(root, [`${workspace}/src`], /\.tsx?$/)
      .map(read)
      .join('\n');
    for (const name of Object.keys(manifest.dependencies ?? {}))
      if (!new RegExp(`(?:from|import) '${name}(?:/|')`).test(sources)) unused.push(`${workspace}: ${name}`);
  }
  expect(unused).toEqual([]);
});
