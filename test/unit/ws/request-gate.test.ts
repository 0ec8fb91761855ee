import { type RequestType, requestSchemas } from '@photofinish/shared/protocol/requests';
import { expect, test } from 'vitest';
import { mayStart } from '../../../server/src/ws/request-gate.ts';

const TYPES = Object.keys(requestSchemas) as RequestType[];
const blockedBy = (underWay: Parameters<typeof mayStart>[1]) =>
  TYPES.filter((type) => !mayStart(type, underWay)).sort();

test('[WR5] reads wait for every write before them, finals for the ticks before them, nothing else waits', () => {
  expect(blockedBy({ ticks: 0, changes: 0, abandons: 0 })).toEqual([]);
  expect(blockedBy({ ticks: 1, changes: 0, abandons: 0 })).toEqual(
    ['around', 'barrier', 'final', 'match.abandon', 'match.end', 'range', 'rank', 'subscribe', 'top'].sort(),
  );
  expect(blockedBy({ ticks: 0, changes: 1, abandons: 0 })).toEqual(
    ['around', 'barrier', 'match.abandon', 'range', 'rank', 'subscribe', 'top'].sort(),
  );
  expect(blockedBy({ ticks: 0, changes: 1, abandons: 1 })).toEqual(
    ['around', 'barrier', 'final', 'match.abandon', 'match.end', 'range', 'rank', 'subscribe', 'top'].sort(),
  );
});
