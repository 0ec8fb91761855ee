import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Outbox } from '../../../server/src/ws/outbox.ts';
import { textFrame } from '../../../server/src/ws/text-frame.ts';

/** A connection whose reader takes what the test lets it take: by itself nothing, or all at once. */
class Pipe {
  writable = true;
  writableLength = 0;
  bytesWritten = 0;
  /** The kernel takes all that it is given. */
  open = false;
  readonly frames: string[] = [];
  readonly #written: { length: number; written: (() => void) | undefined }[] = [];

  write(frame: Buffer | string, ...more: unknown[]): boolean {
    const bytes = typeof frame === 'string' ? Buffer.from(frame, 'latin1') : frame;
    const { head, text } = unframed(bytes);
    this.frames.push(text);
    const written = more.at(-1) as (() => void) | undefined;
    this.bytesWritten += bytes.length;
    this.writableLength += bytes.length;
    this.#written.push({ length: head + Buffer.byteLength(text), written });
    if (this.open) this.read();
    return this.open;
  }

  read(frames = 1): void {
    for (const { length, written } of this.#written.splice(0, frames)) {
      this.writableLength -= length;
      written?.();
    }
  }
}

function unframed(frame: Buffer): { head: number; text: string } {
  expect(frame[0]).toBe(0x81);
  const short = frame[1] as number;
  const head = short < 126 ? 2 : short === 126 ? 4 : 10;
  const length = head === 2 ? short : head === 4 ? frame.readUInt16BE(2) : Number(frame.readBigUInt64BE(2));
  expect(frame.length).toBe(head + length);
  return { head, text: frame.toString('utf8', head) };
}

const boxOn = (pipe: Pipe, limits = { softBytes: 1_000, hardBytes: 4_000 }) => {
  const seen = { drained: 0, overflowed: 0, sent: 0 };
  const sent = (characters: number) => {
    seen.sent += characters;
  };
  const box = new Outbox(
    pipe,
    { ...limits, sent },
    {
      drained: () => seen.drained++,
      overflowed: () => seen.overflowed++,
    },
  );
  return { box, seen };
};

test('[WR2] what was pushed leaves in one frame per flush, newline-joined', () => {
  const pipe = new Pipe();
  const { box, seen } = boxOn(pipe);
  box.flush();
  for (const document of ['{"id":1}', '{"id":2}', '{"id":3}']) box.push(document);
  box.flush();
  box.flush();
  expect(pipe.frames).toEqual(['{"id":1}\n{"id":2}\n{"id":3}']);
  expect(seen.sent).toBe(26);
});

test('[WR2] a document that comes framed leaves at once, unless others wait before it', () => {
  const pipe = new Pipe();
  pipe.open = true;
  const { box, seen } = boxOn(pipe);
  const frame = textFrame('{"id":1}');
  expect(box.pass(frame, 8)).toBe(true);
  expect(pipe.frames).toEqual(['{"id":1}']);
  box.push('{"id":2}');
  expect(box.pass(frame, 8)).toBe(false);
  box.flush();
  expect(box.pass(frame, 8)).toBe(true);
  expect(pipe.frames).toEqual(['{"id":1}', '{"id":2}', '{"id":1}']);
  expect(seen.sent).toBe(8 + 8 + 8);
});

test('[SU4] a document that comes framed is not sent while the kernel has not taken what was sent before', () => {
  const pipe = new Pipe();
  const { box } = boxOn(pipe);
  expect(box.pass(textFrame('x'.repeat(900)), 1)).toBe(true);
  expect(box.pass(textFrame('y'), 1)).toBe(false);
  box.push('y');
  box.flush();
  pipe.read(2);
  expect(box.pass(textFrame('z'), 1)).toBe(true);
  expect(box.pass(textFrame('z'.repeat(2_000)), 1)).toBe(false);
  pipe.read();
  pipe.writable = false;
  expect(box.pass(textFrame('z'), 1)).toBe(false);
});

test('[WR2] text of any length and alphabet arrives as it was pushed', () => {
  const pipe = new Pipe();
  pipe.open = true;
  const { box } = boxOn(pipe, { softBytes: 1e9, hardBytes: 1e9 });
  const texts = ['a', 'é', '名前', 'a\u{1f600}'].flatMap((text) =>
    [1, 60, 63, 126, 40_000, 65_535, 65_536, 70_000].map((times) => text.repeat(times)),
  );
  for (const text of texts) {
    box.push(text);
    box.flush();
  }
  expect(pipe.frames.every((frame, i) => frame === texts[i])).toBe(true);
});

test('[WR9] a box that was congested without anything left to write is told so by the next flush', () => {
  const pipe = new Pipe();
  const { box, seen } = boxOn(pipe);
  box.push('x'.repeat(800));
  box.flush();
  box.push('y'.repeat(500));
  expect(box.congested).toBe(true);
  pipe.read();
  box.flush();
  pipe.read();
  expect({ congested: box.congested, drained: seen.drained }).toEqual({ congested: false, drained: 1 });
});

test('[WR2] a long turn leaves in several frames of at most 256 KiB, in order and whole', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 300_000 }), { maxLength: 12 }), (lengths) => {
      const pipe = new Pipe();
      const { box } = boxOn(pipe, { softBytes: 1e9, hardBytes: 1e9 });
      const documents = lengths.map((length, i) => String.fromCharCode(65 + i).repeat(length));
      for (const document of documents) box.push(document);
      box.flush();
      expect(pipe.frames.flatMap((frame) => frame.split('\n')).join() === documents.join()).toBe(true);
      for (const frame of pipe.frames) expect(frame.length <= 262_144 || !frame.includes('\n')).toBe(true);
    }),
    { numRuns: 30 },
  );
});

test('[WR9] a congested box still takes acks, and says when the reader has caught up', () => {
  const pipe = new Pipe();
  const { box, seen } = boxOn(pipe);
  for (let i = 0; i < 3; i++) {
    box.push('x'.repeat(499));
    box.flush();
  }
  expect(box.congested).toBe(true);
  pipe.read(2);
  expect({ congested: box.congested, drained: seen.drained }).toEqual({ congested: false, drained: 1 });
  pipe.read();
  expect(pipe.frames).toHaveLength(3);
  expect(seen).toMatchObject({ drained: 1, overflowed: 0 });
});

test('[WR10] past the hard limit the box empties itself, says so once, and takes nothing more', () => {
  const pipe = new Pipe();
  const { box, seen } = boxOn(pipe);
  for (let i = 0; i < 20; i++) {
    box.push('x'.repeat(499));
    box.flush();
  }
  expect(seen.overflowed).toBe(1);
  expect(pipe.writableLength).toBeLessThanOrEqual(4_000);
  box.push('after');
  box.flush();
  expect(pipe.frames.at(-1)).not.toBe('after');
});

test('[WR10] progress grows when the reader takes something, and only then', () => {
  const pipe = new Pipe();
  const { box } = boxOn(pipe);
  box.push('x'.repeat(100));
  box.flush();
  const before = box.progress;
  box.push('x'.repeat(100));
  box.flush();
  expect(box.progress).toBe(before);
  pipe.read();
  expect(box.progress).toBeGreaterThan(before);
});
