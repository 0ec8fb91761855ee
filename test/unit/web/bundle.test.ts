/** The page as it is built, against the content policy that it is served with. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build, mergeConfig } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import config from '../../../server/src/web/vite.config.ts';

const root = resolve(import.meta.dirname, '../../../server/src/web');
const outDir = mkdtempSync(join(tmpdir(), 'photofinish-page-'));
const files = new Map<string, string>();

/** What a phone should be willing to load before it sees a board; the page now takes about a third less. */
const SCRIPT_BYTES_MAX = 64 * 1024;

beforeAll(async () => {
  await build(
    mergeConfig(config, { configFile: false, root, logLevel: 'error', build: { outDir, emptyOutDir: true } }),
  );
  for (const entry of readdirSync(outDir, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) files.set(entry.name, readFileSync(join(entry.parentPath, entry.name), 'utf8'));
});
afterAll(() => rmSync(outDir, { recursive: true, force: true }));

const of = (extension: string) =>
  [...files].filter(([name]) => name.endsWith(extension)).map(([, text]) => text);

describe('the built page', () => {
  it('[LP9] has no inline script, style or handler, and refers to its own files only', () => {
    const [html = ''] = of('.html');
    expect(html).toContain('<html lang="en">');
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|javascript:/i);
    for (const [tag] of html.matchAll(/<script[^>]*>[^<]*/g))
      expect(tag).toMatch(/src="\.\/assets\/[^"]+">\s*$/);
    for (const [, target] of html.matchAll(/(?:src|href)="([^"]*)"/g))
      expect(target).toMatch(/^\.\/assets\//);
    for (const css of of('.css')) expect(css).not.toMatch(/url\(|@import|data:/);
    for (const script of of('.js')) expect(script).not.toMatch(/\beval\(|new Function|innerHTML:/);
  });

  it('[LP9] is small, and has no schema library in it', () => {
    const scripts = of('.js').join('');
    expect(scripts.length).toBeGreaterThan(0);
    expect(scripts.length).toBeLessThan(SCRIPT_BYTES_MAX);
    expect(scripts).not.toMatch(/ZodError|invalid_type/);
  });
});
