import { describe, expect, test } from 'vitest';
import {
  booleanArray,
  nullableTextArrayOrNone,
  textArray,
  textArrayOrNone,
  wholeArray,
} from '../../../server/src/postgres/array-literal.ts';

describe('array literals', () => {
  test('[SN6] texts keep quotes, backslashes, braces, commas and the word null', () => {
    expect(textArray(['a', '', 'null', 'a"b', 'a\\b', '{,}'])).toBe('{"a","","null","a\\"b","a\\\\b","{,}"}');
  });

  test('[SN6] whole numbers lose the sign of zero, and absence is null', () => {
    expect(wholeArray([1, -0, null, Number.MIN_SAFE_INTEGER])).toBe('{1,0,null,-9007199254740991}');
    expect(wholeArray([])).toBe('{}');
    expect(booleanArray([true, false])).toBe('{true,false}');
  });

  test('[SN6] a column that is empty everywhere is sent as none, and whole where one row has it', () => {
    expect([textArrayOrNone([]), textArrayOrNone(['', '']), textArrayOrNone(['', 'a'])]).toEqual([
      '{}',
      '{}',
      '{"","a"}',
    ]);
    expect([nullableTextArrayOrNone([null, null]), nullableTextArrayOrNone([null, ''])]).toEqual([
      '{}',
      '{null,""}',
    ]);
  });
});
