import { expect, test } from 'vitest';
import { asciiFrame, textFrame } from '../../../server/src/ws/text-frame.ts';

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

test.each(['', 'x', 'x'.repeat(125), 'x'.repeat(126), 'x'.repeat(65_535)])(
  '[WR2] a frame as text is the same bytes',
  (text) => {
    expect(Buffer.from(asciiFrame(text) ?? '', 'latin1').equals(textFrame(text))).toBe(true);
  },
);

test.each(['é', 'x'.repeat(65_536), `${'x'.repeat(200)}\u{1f600}`])(
  '[WR2] what is long or not ASCII is no frame as text',
  (text) => {
    expect(asciiFrame(text)).toBeUndefined();
  },
);
