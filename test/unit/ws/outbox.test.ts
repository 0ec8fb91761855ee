import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Outbox } from '../../../server/src/ws/outbox.ts';

/** A socket whose reader takes what the test lets it take. */
class Pipe {
  bufferedAmount = 0;
  readonly frames: string[] = [];
  readonly #written: { length: number; written: () => void }[] = [];

  send(data: string, _options: { binary: boolean }, written: () => void): void {
    this.frames.push(data);
    this.bufferedAmount += data.length;
    this.#written.push({ length: data.length, written });
  }

  sendFrame(frame: Buffer, written: () => void): void {
    this.send(`framed ${frame}`, { binary: false }, written);
  }

  read(frames = 1): void {
    for (const { length, written } of this.#written.splice(0, frames)) {
      this.bufferedAmount -= length;
      written();
    }
  }
}

const boxOn = (pipe: Pipe, limits = { softBytes: 1_000, hardBytes: 4_000 }) => {
  const seen = { drained: 0, overflowed: 0, sent: 0 };
  const box = new Outbox(pipe, limits, {
    drained: () => seen.drained++,
    overflowed: () => seen.overflowed++,
    sent: (characters) => {
      seen.sent += characters;
    },
  });
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

test('[WR2] a document that comes framed leaves as it is, unless others leave with it', () => {
  const pipe = new Pipe();
  const { box, seen } = boxOn(pipe);
  const frame = Buffer.from('F');
  box.push('{"id":1}', frame);
  box.flush();
  box.push('{"id":2}', frame);
  box.push('{"id":3}');
  box.flush();
  box.push('{"id":4}');
  box.push('{"id":5}', frame);
  box.flush();
  box.flush();
  expect(pipe.frames).toEqual(['framed F', '{"id":2}\n{"id":3}', '{"id":4}\n{"id":5}']);
  expect(seen.sent).toBe(8 + 17 + 17);
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
  pipe.read();
  expect({ congested: box.congested, drained: seen.drained }).toEqual({ congested: false, drained: 1 });
  pipe.read(2);
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
  expect(pipe.bufferedAmount).toBeLessThanOrEqual(4_000);
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
