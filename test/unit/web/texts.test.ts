import { describe, expect, it } from 'vitest';
import { placeOf, searchOf, socketUrlOf } from '../../../server/src/web/address.ts';
import {
  countText,
  durationText,
  integerText,
  intervalText,
  reachedText,
  scoreText,
} from '../../../server/src/web/texts.ts';

describe('numbers and times in words', () => {
  it('[LP1] groups the digits of scores, up to the largest', () => {
    expect(integerText(9_007_199_254_740_991)).toBe('9,007,199,254,740,991');
    expect(integerText(-1_234)).toBe('-1,234');
    expect(countText(1, 'entry', 'entries')).toBe('1 entry');
    expect(countText(2_140, 'entry', 'entries')).toBe('2,140 entries');
  });

  it('[LP6] writes ages and intervals with no more digits than they deserve', () => {
    expect([0, 1_340, 59_999, 61_000, 3_661_000].map(durationText)).toEqual([
      '0.0 s',
      '1.3 s',
      '60.0 s',
      '1 min 1 s',
      '1 h 1 min',
    ]);
    expect([50, 2_000, 2_500, 60_000, 90_000].map(intervalText)).toEqual([
      '50 ms',
      '2 s',
      '2.5 s',
      '1 min',
      '90 s',
    ]);
  });

  it('[LP1] tells when a score was reached in steps that do not flicker, a clock that runs behind included', () => {
    const now = 100_000_000;
    expect(
      [-500, 0, 9_999, 10_000, 59_999, 60_000, 3_599_999].map((age) => reachedText(now - age, now)),
    ).toEqual(['just now', 'just now', 'just now', '10 s ago', '50 s ago', '1 min ago', '59 min ago']);
    expect(reachedText(now - 3_600_000, now)).toMatch(/^\d\d:\d\d$/);
    expect(reachedText(now - 86_400_000, now)).toMatch(/^\d{1,2} \w{3,4}$/);
  });
});

describe("the page's address", () => {
  it('[LP12] names the board and the rows, and ignores rows that are no choice', () => {
    expect(placeOf('?board=arena&rows=50')).toEqual({ board: 'arena', rows: 50 });
    expect(placeOf('?rows=7')).toEqual({ board: undefined, rows: 10 });
  });

  it('[LP12] keeps what it does not know, and leaves out what is the default', () => {
    expect(searchOf('?x=1&rows=25', { board: 'a~b', rows: 10 })).toBe('?x=1&board=a%7Eb');
    expect(searchOf('', { board: undefined, rows: 10 })).toBe('');
  });

  it('[LP9] connects to the server that the page came from, secured when the page is', () => {
    expect(socketUrlOf('http://127.0.0.1:8080/?board=a#main')).toBe('ws://127.0.0.1:8080/v1/ws');
    expect(socketUrlOf('https://scores.example.com/live/')).toBe('wss://scores.example.com/live/v1/ws');
  });
});

it("[LP15] writes scores with the board's decimals, exactly", () => {
  expect(scoreText(1_250, 2)).toBe('12.50');
  expect(scoreText(-5, 3)).toBe('-0.005');
  expect(scoreText(123_456_789, 3)).toBe('123,456.789');
  expect(scoreText(9_007_199_254_740_991, 9)).toBe('9,007,199.254740991');
  expect(scoreText(7, 0)).toBe('7');
});
