import { Fault } from '@photofinish/shared/protocol/errors';
import { describe, expect, test } from 'vitest';
import { reconnectDelay } from '../../../server/src/redis/connections.ts';
import { redisFault } from '../../../server/src/redis/faults.ts';
import { parseInfo, problemsOf } from '../../../server/src/redis/startup-check.ts';

const replyError = (message: string) => Object.assign(new Error(message), { name: 'ReplyError' });

describe('faults', () => {
  for (const code of ['LOADING', 'READONLY', 'MISCONF', 'OOM', 'BUSY', 'MASTERDOWN', 'CLUSTERDOWN'])
    test(`[RC5] ${code} means that nothing was done`, () => {
      expect(redisFault(replyError(`${code} some words`), true)).toMatchObject({
        code: 'UNAVAILABLE',
        detail: { retryAfterMs: expect.any(Number) },
      });
    });

  test('[RC2] a command that was not sent is unavailable', () => {
    const error = new Error("Stream isn't writeable and enableOfflineQueue options is false");
    expect(redisFault(error, true)).toMatchObject({ code: 'UNAVAILABLE' });
  });

  for (const message of [
    'Command timed out',
    'Connection is closed.',
    'Reached the max retries per request limit (which is 0). Refer to "maxRetriesPerRequest" option for details.',
    'Command aborted due to connection close',
    'read ECONNRESET',
  ])
    test(`[RC1] after "${message.slice(0, 30)}" a write is unknown, a read is sent again`, () => {
      expect(redisFault(new Error(message), true)).toMatchObject({ code: 'OUTCOME_UNKNOWN' });
      expect(redisFault(new Error(message), false)).toMatchObject({ code: 'UNAVAILABLE' });
    });

  test('[RC1] what is neither is a defect and stays what it is', () => {
    for (const error of [
      replyError('ERR user_script:12: Connection is closed'),
      new TypeError('x is undefined'),
      new Fault('INVALID_REQUEST', 'bad'),
      'text',
    ])
      expect(redisFault(error, true)).toBe(error);
  });
});

test('[RC8] reconnects start quick, end bounded, and are spread', () => {
  expect(reconnectDelay(1, 0)).toBe(50);
  expect(reconnectDelay(1, 1)).toBe(25);
  for (const attempt of [10, 1_000, 1e9]) {
    expect(reconnectDelay(attempt, 0)).toBe(2_000);
    expect(reconnectDelay(attempt, 1)).toBe(1_000);
  }
});

describe('start-up check', () => {
  const good = {
    redis_version: '7.0.15',
    role: 'master',
    aof_enabled: '1',
    maxmemory_policy: 'noeviction',
  };
  const problems = (info: Record<string, string>, config: Record<string, string> = {}) =>
    problemsOf(new Map(Object.entries(info)), new Map(Object.entries(config))).map(({ problem }) => problem);

  test('[RC6] all problems are told at once', () => {
    expect(problems(good)).toEqual([]);
    expect(problems({ redis_version: '6.2.14', role: 'slave', maxmemory_policy: 'allkeys-lru' })).toEqual([
      expect.stringContaining('6.2.14'),
      expect.stringContaining('replica'),
      expect.stringContaining('append-only'),
      expect.stringContaining('allkeys-lru'),
    ]);
  });

  test('[RC6] what INFO leaves out is taken from CONFIG, and unknown is a problem', () => {
    const { aof_enabled: _, maxmemory_policy: __, ...partial } = good;
    expect(problems(partial, { appendonly: 'yes', 'maxmemory-policy': 'noeviction' })).toEqual([]);
    expect(problems(partial)).toHaveLength(2);
  });

  test('[RC6] INFO is read line by line, values with colons included', () => {
    const info = parseInfo('# Server\r\nredis_version:7.0.15\r\nexecutable:/a:b\r\n\r\n');
    expect([...info]).toEqual([
      ['redis_version', '7.0.15'],
      ['executable', '/a:b'],
    ]);
  });
});
