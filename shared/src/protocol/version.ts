/** The wire protocol's name and history. A change that an older client would misread takes a new number here and a
 *  new subprotocol; a test holds the schemas to a fingerprint, so that no change is silent.
 *
 *  1  2026-11  first protocol; barrier; stale and settled reads; acks aof and replica, and the error ACK_UNAVAILABLE;
 *             roster and limits of matches; errors BOARD_CHANGED and BOARD_ARCHIVED; hidden players and buckets in the answers to writes;
 *             subscribe with view durability, and the push watermark;
 *             ranks by the board's ranking, with the place where it differs; columns and metadata of entries; cursors, ranges of
 *             scores, percentiles, and the error CURSOR_INVALID;
 *             columns and metadata of scores, rank and score before a write; reads of one bucket, keys of buckets;
 *             any text is taken for a cursor, and answered with CURSOR_INVALID where it is none */
export const PROTOCOL_VERSION = 1;
export const SUBPROTOCOL = 'photofinish.v1.json';

/** Browsers cannot set headers on a WebSocket, and a token must not stand in a URL: a client that cannot send
 *  `Authorization: Bearer` offers this prefix and its token as a second subprotocol, which the server never echoes. */
export const BEARER_SUBPROTOCOL_PREFIX = 'bearer.';
