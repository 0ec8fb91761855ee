import { describe, expect, it } from 'vitest';
import { allowedMethods } from '../../../server/src/http/allowed-methods.ts';
import { buildApp } from '../../../server/src/http/app.ts';
import { addressKey } from '../../../server/src/http/client-address.ts';
import { createHttpServer, listen } from '../../../server/src/http/listen.ts';
import { RateLimit } from '../../../server/src/http/rate-limit.ts';
import { doubles } from './doubles.ts';
import { raw } from './serving.ts';

describe('the bucket', () => {
  it('[HT10] refills evenly, never past its size, and says when to come back', () => {
    let now = 0;
    const limit = new RateLimit({ perSecond: 2, burst: 4, clock: () => now });
    const taken = () => {
      let count = 0;
      try {
        for (; count < 100; count++) limit.take('a');
      } catch (fault) {
        expect(fault).toMatchObject({ code: 'RATE_LIMITED', detail: { retryAfterMs: expect.any(Number) } });
      }
      return count;
    };
    expect(taken()).toBe(4);
    now += 499;
    expect(taken()).toBe(0);
    now += 1;
    expect(taken()).toBe(1);
    now += 3_600_000;
    expect(taken()).toBe(4);
    now -= 1_000_000;
    expect(taken()).toBe(0);
    limit.take('b');
  });

  it('[HT10] holds a bounded number of addresses, dropping the longest unused', () => {
    const limit = new RateLimit({ perSecond: 1, burst: 1, clock: () => 0 });
    for (let i = 0; i < 10_000; i++) limit.take(`address-${i}`);
    expect(() => limit.take('address-0')).toThrow();
    for (let i = 10_000; i < 12_000; i++) limit.take(`address-${i}`);
    expect(limit.size).toBe(10_000);
    expect(() => limit.take('address-0')).toThrow();
    limit.take('address-1');
  });

  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::9', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['unknown', 'unknown'],
  ])('[HT10] the address %s counts as %s', (address, key) => {
    expect(addressKey(address)).toBe(key);
  });
});

describe('a body that dribbles', () => {
  const head = (path: string) =>
    `POST ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer admin:root\r\ncontent-length: 100\r\n`;

  it('[IM7] is answered 408 and cut off; an import has a time without a byte instead', async () => {
    const app = buildApp(doubles().deps);
    const at = await listen(createHttpServer(app, 100), { host: '127.0.0.1', port: 0 });
    const board = `${head('/v1/admin/boards')}content-type: application/json\r\n\r\n{"id":`;
    expect(await raw(at.port, board)).toMatch(/^HTTP\/1\.1 408 .*REQUEST_TIMEOUT/s);
    const rows = `${head('/v1/admin/seasons/s1/import')}content-type: application/x-ndjson\r\nconnection: close\r\n\r\n{`;
    expect(await raw(at.port, rows)).toMatch(/^HTTP\/1\.1 200 .*"type":"done"/s);
    await at.stop(100);
  });
});

describe('methods of a path', () => {
  it('[HT7] are those of the routes that fit it', () => {
    const of = allowedMethods([
      { method: 'ALL', path: '/*' },
      { method: 'GET', path: '/v1/boards' },
      { method: 'GET', path: '/v1/boards/:board' },
      { method: 'POST', path: '/v1/boards/:board' },
      { method: 'GET', path: '/:file{[a-z]+\\.svg}' },
      { method: 'GET', path: '/a.b' },
    ]);
    expect(of('/v1/boards')).toEqual(['GET', 'HEAD']);
    expect(of('/v1/boards/x')).toEqual(['GET', 'HEAD', 'POST']);
    expect(of('/v1/boards/x/y')).toEqual([]);
    expect(of('/icon.svg')).toEqual(['GET', 'HEAD']);
    expect(of('/icon.exe')).toEqual([]);
    expect(of('/aXb')).toEqual([]);
  });
});
