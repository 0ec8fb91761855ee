import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { script } from '../../../server/src/redis/script.ts';

const folder = new URL('../../../server/src/redis/scripts/', import.meta.url);
const operations = readdirSync(folder).filter(
  (file) => !['entry.lua', 'standing.lua', 'reading.lua', 'plain-tick.lua'].includes(file),
);

describe('scripts', () => {
  for (const file of operations)
    test(`[RC9] ${file} begins with its purpose, keys, arguments, reply and what a crash means`, () => {
      const text = readFileSync(new URL(file, folder), 'utf8');
      const header = text.slice(0, text.indexOf('\n\n'));
      const [purpose] = header.split('\n');
      expect(purpose).toMatch(/^-- [A-Z]/);
      for (const part of ['-- KEYS ', '-- ARGV ', '-- returns ', '-- crash ']) expect(text).toContain(part);
    });

  test('[RC9] a definition that lists other names than the header is refused', () => {
    const names = { keys: ['meta'], args: ['state'], writes: true } as const;
    expect(script('set-state', names).lua).toContain('local meta_key = KEYS[1] local state = ARGV[1]');
    expect(() => script('set-state', { ...names, args: ['mode'] })).toThrow(/its header says ARGV state/);
    expect(() => script('set-state', { ...names, keys: ['rank', 'meta'] })).toThrow(/KEYS meta_key/);
  });
});
