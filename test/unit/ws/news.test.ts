import { expect, test } from 'vitest';
import { News, textFrame } from '../../../server/src/ws/news.ts';

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

test.each([0, 1, 125, 126, 65_535, 65_536])(
  '[WR2] a text of %i bytes is framed as RFC 6455 says',
  (length) => {
    const frame = textFrame('x'.repeat(length));
    const start = frame.length - length;
    expect(frame[0]).toBe(0x81);
    expect(start).toBe(length < 126 ? 2 : length < 65_536 ? 4 : 10);
    const told =
      start === 2 ? frame[1] : start === 4 ? frame.readUInt16BE(2) : Number(frame.readBigUInt64BE(2));
    expect(told).toBe(length);
    expect(frame.toString('utf8', start)).toBe('x'.repeat(length));
  },
);

test('[WR2] what is not ASCII is counted in bytes', () => {
  const frame = textFrame('é');
  expect([frame[1], frame.toString('utf8', 2)]).toEqual([2, 'é']);
});
