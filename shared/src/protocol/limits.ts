/** Bounds of one connection's messages. Raising one lets a single client cost the server that much more. */
export const LIMITS = {
  /** Bytes in one WebSocket message; a larger one closes the connection with 1009. Holds 1,000 finals of long ids. */
  frameBytesMax: 256 * 1024,
  /** Newline-separated JSON documents in one frame. */
  documentsPerFrameMax: 256,
  /** Ticks in one `ticks`, finals in one `match.end`. */
  itemsPerRequestMax: 1_000,
  /** Entries that one read answers. */
  readEntriesMax: 1_000,
  /** Entries of a subscription: every change of them is pushed. */
  subscribedEntriesMax: 200,
  subscriptionsMax: 32,
} as const;
