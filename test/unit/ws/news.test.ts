import { expect, test } from 'vitest';
import { News } from '../../../server/src/ws/news.ts';
import { textFrame } from '../../../server/src/ws/text-frame.ts';

test('[WR2] news is put together and framed once per subscription number', () => {
  const news = new News('delta', { season: 's', changed: [1] });
  expect(news.to(1).document).toBe('{"type":"delta","subscription":1,"season":"s","changed":[1]}');
  expect(news.to(1)).toBe(news.to(1));
  expect(JSON.parse(news.to(32).document)).toEqual({
    type: 'delta',
    subscription: 32,
    season: 's',
    changed: [1],
  });
  expect(news.to(32).frame).toEqual(textFrame(news.to(32).document));
});
