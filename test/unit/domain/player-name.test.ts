import { NAME_LENGTH_MAX, playerNameSchema } from '@photofinish/shared/domain/player-name';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const taken = (name: string) => playerNameSchema.safeParse(name).data;

test('[PL1] names of many scripts are taken as they are meant', () => {
  for (const name of ['Ada', '李小龙', 'محمد', 'Žofie', '🏁', '👩\u200d🚀 Zoé', 'नमस्ते', 'O’Neil-2', 'ก็'])
    expect(taken(name)).toBe(name.normalize('NFC'));
  expect(taken('  two\u3000 \u00a0words ')).toBe('two words');
  expect(taken('😀'.repeat(NAME_LENGTH_MAX))).toBe('😀'.repeat(NAME_LENGTH_MAX));
});

test('[PL1] names that hide, turn or pile up text are refused', () => {
  for (const name of [
    ...[
      '',
      '   ',
      '\u200d',
      '\u2066abc\u2069',
      'abc\u202e',
      'a\tb',
      'a\u2028b',
      '\ud800',
      'a\ufeffb',
      '\ue000',
    ],
    ...['😀'.repeat(NAME_LENGTH_MAX + 1), 'x'.repeat(10_000), `z${'\u0336'.repeat(5)}`, '\u0301'],
  ])
    expect({ name, taken: taken(name) }).toEqual({ name, taken: undefined });
});

test('[PL1] what is taken is taken again unchanged', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (name) => {
      const once = taken(name);
      if (once === undefined) return;
      expect(taken(once)).toBe(once);
      expect([...once].length).toBeLessThanOrEqual(NAME_LENGTH_MAX);
      expect(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(once)).toBe(false);
    }),
  );
});
