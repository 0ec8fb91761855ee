/** Documents on their way out: those of one turn of the event loop share a frame, as long as the server's limits let them. */
import { LIMITS } from '../protocol/limits.ts';

/** Characters that documents may share a frame up to. Far below the frame's byte limit, so that even text outside ASCII fits. */
const SHARED_FRAME_CHARS_MAX = LIMITS.frameBytesMax / 4;

/** Whether one document by itself would be past the frame limit, which closes the connection for good. */
export const isTooBig = (text: string): boolean => {
  if (text.length * 3 <= LIMITS.frameBytesMax) return false;
  return new TextEncoder().encode(text).length > LIMITS.frameBytesMax;
};

/** @returns frames holding all documents in order */
export function framesOf(documents: readonly string[]): string[] {
  const frames: string[] = [];
  let frame: string[] = [];
  let chars = 0;
  for (const text of documents) {
    const full =
      frame.length === LIMITS.documentsPerFrameMax || chars + text.length + 1 > SHARED_FRAME_CHARS_MAX;
    if (full && frame.length > 0) {
      frames.push(frame.join('\n'));
      frame = [];
      chars = 0;
    }
    frame.push(text);
    chars += text.length + 1;
  }
  if (frame.length > 0) frames.push(frame.join('\n'));
  return frames;
}
