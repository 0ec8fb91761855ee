import { replySchemas } from '@photofinish/shared/protocol/replies';
import { expect, test } from 'vitest';
import type { TickOutcome } from '../../../server/src/board/live-board.ts';
import { toldPlace } from '../../../server/src/board/told-place.ts';
import { tickReply } from '../../../server/src/ws/replies.ts';

const before = { previousRank: 5, previousScore: 6, improved: true };
const applied: TickOutcome = { refused: undefined, rank: 3, score: 7, ...before, repeat: false };
const at = { epoch: 1, version: 2, ack: 'cache' as const };
const strictTick = replySchemas.tick.strict();
const told = (outcome: TickOutcome) => strictTick.parse(JSON.parse(tickReply(1, outcome, at)));

test('[HI6, WR8] a hidden player is told the score and no rank', () => {
  expect(told({ ...applied, rank: 0, hidden: true })).toMatchObject({ rank: null, hidden: true, score: 7 });
  expect(toldPlace({ ...before, rank: 0, hidden: true, previousRank: 0 })).toEqual({
    ...{ ...before, rank: null, hidden: true, previousRank: null },
  });
});

test('[SP2, WR8] an entry in a bucket is told the bucket and the rank there', () => {
  const place = { bucket: 'eu.3', bucketRank: 2 };
  expect(told({ ...applied, ...place })).toMatchObject({ rank: 3, ...place });
  expect(told({ ...applied, ...place, rank: 0, bucketRank: 0, hidden: true })).toMatchObject({
    ...{ rank: null, hidden: true, bucket: 'eu.3', bucketRank: null },
  });
  expect(toldPlace({ ...before, rank: 3, ...place })).toEqual({ ...before, rank: 3, ...place });
});
