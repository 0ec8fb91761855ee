import { pagesOf } from '@photofinish/shared/client/pages';
import type { PageAnswer } from '@photofinish/shared/protocol/reads';
import { expect, test } from 'vitest';

const page = (players: string[], next?: string): PageAnswer => ({
  ...{ board: 'b', season: 's', state: 'open', source: 'live', epoch: 1, version: 1, total: 9 },
  entries: players.map((player, i) => ({ rank: i + 1, player, score: 1, achievedAt: 1 })),
  ...(next === undefined ? {} : { next }),
});

test('[SDK20] pages go from cursor to cursor to the end, and give a player that fell once', async () => {
  const script = [page(['ann', 'bob'], 'c1'), page(['ann', 'bob'], 'c2'), page(['bob', 'cy'])];
  const asked: (string | undefined)[] = [];
  const given: string[][] = [];
  for await (const { entries } of pagesOf(async (cursor) => {
    asked.push(cursor);
    return script[asked.length - 1] as PageAnswer;
  }))
    given.push(entries.map(({ player }) => player));
  expect(asked).toEqual([undefined, 'c1', 'c2']);
  expect(given).toEqual([['ann', 'bob'], [], ['cy']]);
});
