import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { filesUnder } from '../../checks/files.ts';
import { anchorsOf, fencesOf, linksOf, npmScriptsOf } from '../../support/documents.ts';
import { examplesOf, expectation } from '../../support/wire-script.ts';

const root = resolve(import.meta.dirname, '../../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const papers = filesUnder(root, ['.'], /\.md$/);
const scripts = Object.keys((JSON.parse(read('package.json')) as { scripts: object }).scripts);

test('[PA7] links in the papers lead to files and headings that are there', () => {
  const broken: string[] = [];
  for (const paper of papers) {
    for (const link of linksOf(read(paper))) {
      if (/^[a-z]+:/.test(link)) continue;
      const [path, anchor] = link.split('#');
      const target = path ? join(dirname(paper), path) : paper;
      if (!existsSync(join(root, target))) broken.push(`${paper}: ${link}`);
      else if (anchor && !anchorsOf(read(target)).includes(anchor)) broken.push(`${paper}: ${link}`);
    }
  }
  expect(broken).toEqual([]);
});

test('[PA7] npm scripts that the papers name exist', () => {
  const unknown: string[] = [];
  for (const paper of papers) {
    for (const fence of fencesOf(read(paper)).filter(({ language }) => language === 'sh')) {
      for (const script of npmScriptsOf(fence.text))
        if (!scripts.includes(script)) unknown.push(`${paper}:${fence.line} npm run ${script}`);
    }
    for (const [, script] of read(paper).matchAll(/`npm run ([\w:-]+)[^`]*`/g))
      if (!scripts.includes(script ?? '')) unknown.push(`${paper}: npm run ${script}`);
  }
  expect(unknown).toEqual([]);
});

test('[PA7] HTTP calls that the papers name are in the OpenAPI document', () => {
  const { paths } = JSON.parse(read('docs/openapi.json')) as { paths: Record<string, object> };
  const socket = /^GET \/v1\/ws$/; // an upgrade, no call
  const calls = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => {
      const pattern = path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+');
      return new RegExp(`^${method.toUpperCase()} ${pattern}$`);
    }),
  );
  const unknown: string[] = [];
  for (const paper of papers)
    for (const [call] of read(paper).matchAll(/\b(?:GET|POST|PUT|PATCH|DELETE) \/v1\/[\w{}$.~/-]+/g))
      if (![...calls, socket].some((known) => known.test(call))) unknown.push(`${paper}: ${call}`);
  expect(unknown).toEqual([]);
});

test('[PA7] fenced JSON in the papers parses', () => {
  for (const paper of papers) {
    const fences = fencesOf(read(paper));
    const plain = fences.filter(({ language }) => language === 'json').map(({ text }) => text);
    const received = examplesOf(fences).filter(({ kind }) => kind === 'receive');
    for (const text of plain) expect(() => JSON.parse(text), `${paper}: ${text}`).not.toThrow();
    for (const line of received.flatMap(({ lines }) => lines))
      expect(() => expectation(line), `${paper}: ${line}`).not.toThrow();
  }
});

test('[PA8] the files that npm scripts and papers run by name are there, and the CI script is executable', () => {
  const manifest = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const named = Object.values(manifest.scripts).flatMap((script) => script.match(/[\w./-]+\.ts\b/g) ?? []);
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  expect(read('.ci/run').startsWith('#!/usr/bin/env bash\n')).toBe(true);
  expect(statSync(join(root, '.ci/run')).mode & 0o111).toBe(0o111);
});

test('[PA11] ARCHITECTURE.md lists the parts in the order in which compose.ts starts them', () => {
  const told = [...read('ARCHITECTURE.md').matchAll(/^\d+\. `(\w+)`:/gm)].map((match) => match[1]);
  const composed = [...read('server/src/compose.ts').matchAll(/\bname: '(\w+)',\s*(?:start|stop)\b/g)];
  expect(told).toEqual(composed.map((match) => match[1]));
});
