import { expect, test } from 'vitest';
import { readAhead } from '../../../server/src/flush/read-ahead.ts';

async function* pages(read: number[], fails = false) {
  try {
    for (let page = 1; page <= 3; page++) {
      if (fails && page === 2) throw new Error('the database is gone');
      read.push(page);
      yield page;
    }
  } finally {
    read.push(0);
  }
}

test('[WB1] every page comes once and in order, and the next one is read meanwhile', async () => {
  const read: number[] = [];
  const seen: number[] = [];
  for await (const page of readAhead(pages(read))) {
    seen.push(page);
    await new Promise((resolve) => setImmediate(resolve));
    if (page < 3) expect(read.at(-1)).toBe(page + 1);
  }
  expect({ seen, read }).toEqual({ seen: [1, 2, 3], read: [1, 2, 3, 0] });
});

test('[WB1] who stops early ends the reading, and a failure reaches who reads', async () => {
  const read: number[] = [];
  for await (const page of readAhead(pages(read))) if (page === 1) break;
  expect(read.at(-1)).toBe(0);
  const reading = (async () => {
    for await (const _ of readAhead(pages([], true)));
  })();
  await expect(reading).rejects.toThrow('the database is gone');
});
