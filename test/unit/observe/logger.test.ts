import { describe, expect, it } from 'vitest';
import { createLogger, scrubText } from '../../../server/src/observe/logger.ts';

const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEiLCJyb2xlIjoicGxheWVyIn0.c2lnbmF0dXJlLXNpZ25hdHVyZQ';

function logging(level: 'info' | 'debug' = 'info') {
  const lines: string[] = [];
  const log = createLogger({ level }, { write: (line: string) => void lines.push(line) });
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown> };
}

describe('the log', () => {
  it('[OB4] is one JSON object a line: a constant message, data in fields', () => {
    const { log, lines, last } = logging();
    log.info({ season: 's1', rows: 5 }, 'season flushed');
    log.debug({}, 'not at this level');
    expect(lines).toHaveLength(1);
    expect(lines[0]?.endsWith('\n')).toBe(true);
    expect(last()).toMatchObject({
      level: 'info',
      msg: 'season flushed',
      season: 's1',
      rows: 5,
      pid: process.pid,
    });
    expect(Date.parse(String(last()['time']))).toBeGreaterThan(0);
  });

  it('[OB5] no token, password or other credential is written, however it comes', () => {
    const { log, lines } = logging();
    const driver = Object.assign(new Error(`connect failed: redis://app:hunter2@cache:6379 with ${TOKEN}`), {
      code: 'ECONNREFUSED',
      command: { name: 'auth', args: ['hunter2'] },
      parameters: ['hunter2'],
      cause: new Error('postgres://app:hunter2@db/x'),
    });
    log.error({ err: driver }, 'failed');
    log.error(driver as unknown as object, 'failed');
    log.warn(
      {
        token: 'hunter2',
        jwtSecret: 'hunter2',
        headers: { authorization: `Bearer ${TOKEN}`, Cookie: 'hunter2' },
        list: [{ password: 'hunter2' }, `sec-websocket-protocol: bearer.${TOKEN}`],
        url: 'wss://app:hunter2@host/x',
        deep: { a: { b: { c: { d: { e: { password: 'hunter2' } } } } } },
      },
      'refused',
    );
    const text = lines.join('');
    expect(text).not.toContain('hunter2');
    for (const part of TOKEN.split('.')) expect(text).not.toContain(part);
    expect(text).toContain('ECONNREFUSED');
    expect(JSON.parse(lines[0] ?? '{}')).toMatchObject({
      err: { type: 'Error', code: 'ECONNREFUSED', stack: expect.stringContaining('logger.test'), cause: {} },
    });
  });

  it('[OB5] a cycle or a deep object does not stop the line', () => {
    const { log, last } = logging();
    const cycle: Record<string, unknown> = { name: 'a' };
    cycle['self'] = cycle;
    log.info({ cycle }, 'round');
    expect(last()).toMatchObject({ msg: 'round', cycle: { name: 'a' } });
  });

  it('[OB5] what is no secret stays readable', () => {
    const { log, last } = logging();
    log.info({ tokensRefused: 3, at: new Date(0), none: undefined, path: '/v1/boards' }, 'plain');
    expect(last()).toMatchObject({ tokensRefused: 3, at: '1970-01-01T00:00:00.000Z', path: '/v1/boards' });
    expect(scrubText('redis://cache:6379/0 and mail a@b.c')).toBe('redis://cache:6379/0 and mail a@b.c');
  });
});
