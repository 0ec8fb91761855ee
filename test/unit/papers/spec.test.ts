import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkSpec, citationsOf, citedBy, rulesOf } from '../../checks/spec.ts';
import { parse } from '../../checks/syntax.ts';

test('[PA3] rules are read from the document', () => {
  expect(
    rulesOf('# X\n- **TK1** One.\n- **SDK12** Two,\n  and more **TK9** of it.\n- TK3 not one\n'),
  ).toEqual(['TK1', 'SDK12']);
});

test('[PA3] citations stand in brackets in a title', () => {
  expect(citedBy('[TK1] a')).toEqual(['TK1']);
  expect(citedBy('[TK1, FL3] a')).toEqual(['TK1', 'FL3']);
  expect(citedBy('[TK1] [SDK2] a')).toEqual(['TK1', 'SDK2']);
  expect(citedBy('[TK1] a; [FN1] b')).toEqual(['TK1', 'FN1']);
  expect(citedBy('a tick TK1, [x1], [tk1]')).toEqual([]);
});

test('[PA3] tests are found in every way of writing them, with what their describes cite', () => {
  const source = parse(
    'a.test.ts',
    [
      "test('[TK1] plain', () => {});",
      "it.concurrent('[TK2] it', () => {});",
      "test.each([1])('[TK3] %s', () => {});",
      'test.for(rows)(`[TK4] $' + '{name}`, () => {});',
      "describe('[TK5] group', () => { test('inner', () => {}); });",
      "describe.each(x)('loose', () => { test(`bare`, () => {}); });",
      "expect('[TK9] no test');",
    ].join('\n'),
  );
  expect(citationsOf(source).map(({ line, rules }) => [line, ...rules])).toEqual([
    [1, 'TK1'],
    [2, 'TK2'],
    [3, 'TK3'],
    [4, 'TK4'],
    [5, 'TK5'],
    [6],
  ]);
});

test('[PA3] gaps of all kinds are told: no test, no rule, no citation, a rule twice', () => {
  const root = mkdtempSync(join(tmpdir(), 'photofinish-spec-'));
  try {
    mkdirSync(join(root, 'test/unit'), { recursive: true });
    writeFileSync(join(root, 'SPEC.md'), '- **TK1** One.\n- **TK2** Two.\n- **TK2** Again.\n');
    writeFileSync(
      join(root, 'test/unit/a.test.ts'),
      "test('[TK1] proved', () => {});\ntest('[TK7] unknown', () => {});\ntest('bare', () => {});\n",
    );
    expect(checkSpec(root).problems).toEqual([
      'SPEC.md: rule TK2 stands twice',
      'test/unit/a.test.ts:2 cites TK7, which SPEC.md does not have: [TK7] unknown',
      'test/unit/a.test.ts:3 cites no rule: bare',
      'SPEC.md: no test cites TK2',
    ]);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
