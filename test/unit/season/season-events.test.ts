import { describe, expect, test } from 'vitest';
import type { OutboxEvent } from '../../../server/src/season/season-event-store.ts';
import { SeasonEvents } from '../../../server/src/season/season-events.ts';
import { until } from '../../support/condition.ts';

const DAY = 86_400_000;
const NOW = 10 * DAY;

async function failing(of: { attempts: number; at: number; random?: number }) {
  const entry: OutboxEvent = {
    event: {
      ...{ id: 's1.season.started', type: 'season.started', at: of.at, board: 'b' },
      season: { id: 's1', number: 1, startedAt: of.at },
    },
    ...{ attempts: of.attempts, nextAttemptAt: NOW, deliveredAt: undefined, problem: undefined },
  };
  const failures: { problem: string; retryInMs: number | undefined }[] = [];
  const queue = [[entry]];
  const outcomes: string[] = [];
  const events = new SeasonEvents({
    store: {
      claim: async () => queue.shift() ?? [],
      delivered: async () => undefined,
      failed: async (_, failure) => void failures.push(failure),
    },
    send: async () => {
      throw new Error('no route');
    },
    observer: { sent: (outcome) => void outcomes.push(outcome) },
    clock: () => NOW,
    random: () => of.random ?? 1,
    log: { debug() {}, info() {}, warn() {}, error() {} },
  });
  events.nudge();
  await until('a failure', () => failures.length > 0);
  await events.stop();
  return { ...failures[0], outcome: outcomes[0] };
}

describe('season events that are not taken', () => {
  test('[SV3] come again after waits that grow, within bounds and spread', async () => {
    expect((await failing({ attempts: 1, at: NOW })).retryInMs).toBe(1_000);
    expect((await failing({ attempts: 4, at: NOW })).retryInMs).toBe(8_000);
    expect((await failing({ attempts: 4, at: NOW, random: 0 })).retryInMs).toBe(4_000);
    expect(await failing({ attempts: 500, at: NOW })).toMatchObject({
      ...{ retryInMs: 600_000, problem: 'no route', outcome: 'failed' },
    });
  });

  test('[SV3] are given up after three days, and left for an admin', async () => {
    expect(await failing({ attempts: 400, at: NOW - 3 * DAY - 1 })).toMatchObject({
      ...{ retryInMs: undefined, outcome: 'given-up' },
    });
  });
});
