import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Fault } from '@photofinish/shared/protocol/errors';
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tokenOf, ttlSecondsOf, UsageError } from '../../../server/src/auth/token-command.ts';
import { mintToken, TokenVerifier } from '../../../server/src/auth/tokens.ts';

const SECRET = 'q3Vd0-b7XkZs9_Lw2Hn5Yt8Rc1Mf4Jp6';
const bytes = (text: string) => new TextEncoder().encode(text);
const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const soon = () => Math.floor(Date.now() / 1_000) + 60;
const rules = { secret: SECRET, jwksUrl: undefined, issuer: undefined, audience: undefined };
const hmac = (claims: JWTPayload, secret = SECRET, alg = 'HS256') =>
  new SignJWT(claims).setProtectedHeader({ alg }).sign(bytes(secret));

async function faultOf(verifier: TokenVerifier, token: string): Promise<Fault> {
  const error = await verifier.verify(token).then(
    () => new Error('the token was taken'),
    (fault: unknown) => fault,
  );
  expect(error).toBeInstanceOf(Fault);
  const fault = error as Fault;
  // A fault is shown and logged: no part of the token may be in it.
  for (const part of token.split('.'))
    if (part.length > 8) expect(`${fault.message} ${JSON.stringify(fault.detail)}`).not.toContain(part);
  return fault;
}

describe('tokens of the shared secret', () => {
  const verifier = new TokenVerifier(rules);

  it('[AU11] a token says who speaks, as what, and until when', async () => {
    const token = await mintToken({ secret: SECRET, sub: 'match-host', role: 'server', ttlSeconds: 60 });
    const principal = await verifier.verify(token);
    expect(principal).toMatchObject({ sub: 'match-host', role: 'server' });
    expect(principal.expiresAt - Date.now()).toBeGreaterThan(55_000);
    expect(principal.expiresAt - Date.now()).toBeLessThanOrEqual(60_000);
  });

  it.each([
    ['exp', { sub: 'ada', role: 'player' }],
    ['sub', { role: 'player', exp: soon() }],
    ['role', { sub: 'ada', exp: soon() }],
    ['role', { sub: 'ada', role: 'root', exp: soon() }],
    ['role', { sub: 'ada', role: ['admin'], exp: soon() }],
    ['role', { sub: 'ada', role: 'constructor', exp: soon() }],
    ['sub', { sub: 'a b', role: 'player', exp: soon() }],
    ['sub', { sub: 'a'.repeat(65), role: 'player', exp: soon() }],
    ['sub', { sub: '', role: 'player', exp: soon() }],
    ['exp', { sub: 'ada', role: 'player', exp: 1_000 }],
    ['nbf', { sub: 'ada', role: 'player', exp: soon(), nbf: soon() }],
    ['exp', { sub: 'ada', role: 'player', exp: 1e300 }],
  ])('[AU12] a wrong %s is refused by name: %j', async (claim, claims) => {
    const fault = await faultOf(verifier, await hmac(claims as JWTPayload));
    expect(fault).toMatchObject({ code: 'UNAUTHENTICATED', detail: { field: claim } });
    expect(fault.message).toMatch(new RegExp(`^${claim}: `));
  });

  it('[AU12] issuer and audience are asked for where they are configured', async () => {
    const strict = new TokenVerifier({ ...rules, issuer: 'games', audience: 'scores' });
    const of = { secret: SECRET, sub: 'ada', role: 'player' as const, ttlSeconds: 60 };
    expect(
      await strict.verify(await mintToken({ ...of, issuer: 'games', audience: 'scores' })),
    ).toMatchObject({
      sub: 'ada',
    });
    expect((await faultOf(strict, await mintToken({ ...of, audience: 'scores' }))).detail.field).toBe('iss');
    expect(
      (await faultOf(strict, await mintToken({ ...of, issuer: 'x', audience: 'scores' }))).detail.field,
    ).toBe('iss');
    expect(
      (await faultOf(strict, await mintToken({ ...of, issuer: 'games', audience: 'y' }))).detail.field,
    ).toBe('aud');
  });

  it('[AU12] a bound on age refuses old tokens whatever their exp says', async () => {
    const young = new TokenVerifier({ ...rules, ageSecondsMax: 60 });
    const iat = Math.floor(Date.now() / 1_000) - 120;
    const fault = await faultOf(young, await hmac({ sub: 'ada', role: 'player', exp: soon(), iat }));
    expect(fault.detail.field).toBe('iat');
  });

  it('[AU12] clocks may differ by a few seconds', async () => {
    const exp = Math.floor(Date.now() / 1_000) - 1;
    expect(await verifier.verify(await hmac({ sub: 'ada', role: 'player', exp }))).toMatchObject({
      sub: 'ada',
    });
  });

  it('[AU13] no other key, algorithm or shape is taken', async () => {
    const claims = { sub: 'ada', role: 'admin', exp: soon() };
    const good = await hmac(claims);
    const [head = '', body = '', signature = ''] = good.split('.');
    const forged = base64url({ ...claims, sub: 'eve' });
    const wrong = [
      await hmac(claims, `${SECRET}x`),
      await hmac(claims, SECRET.repeat(2), 'HS512'),
      `${base64url({ alg: 'none' })}.${body}.`,
      `${base64url({ alg: 'None' })}.${body}.${signature}`,
      `${base64url({ alg: ['HS256'] })}.${body}.${signature}`,
      `${base64url({ alg: 'HS256', crit: ['x'], x: 1 })}.${body}.${signature}`,
      `${head}.${forged}.${signature}`,
      `${head}.${body}.`,
      `${head}.${body}`,
      `${good}.extra`,
      'not-a-token',
      '',
      '..',
      'a'.repeat(100_000),
      good.slice(0, -4),
    ];
    for (const token of wrong) expect((await faultOf(verifier, token)).code).toBe('UNAUTHENTICATED');
  });
});

describe('tokens of an identity provider', () => {
  let jwksUrl = '';
  let keys: Awaited<ReturnType<typeof generateKeyPair>>;
  let status = 200;
  const server = createServer(async (_, response) => {
    const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' };
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ keys: [jwk] }));
  });
  const sign = (claims: JWTPayload, kid = 'k1') =>
    new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid }).sign(keys.privateKey);
  const claims = { sub: 'ada', role: 'player', exp: soon() };

  beforeAll(async () => {
    keys = await generateKeyPair('RS256', { extractable: true });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it("[AU11] a token signed with the provider's key is taken, beside those of the secret", async () => {
    const verifier = new TokenVerifier({ ...rules, jwksUrl });
    expect(await verifier.verify(await sign(claims))).toMatchObject({ sub: 'ada', role: 'player' });
    expect(await verifier.verify(await hmac({ ...claims, sub: 'bob' }))).toMatchObject({ sub: 'bob' });
  });

  it('[AU13] a public key never serves as an HMAC secret', async () => {
    const pem = await exportSPKI(keys.publicKey);
    const jwk = JSON.stringify(await exportJWK(keys.publicKey));
    for (const verifier of [
      new TokenVerifier({ ...rules, jwksUrl }),
      new TokenVerifier({ ...rules, secret: undefined, jwksUrl }),
    ])
      for (const key of [pem, jwk]) {
        const token = await new SignJWT(claims)
          .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
          .sign(bytes(key));
        expect((await faultOf(verifier, token)).code).toBe('UNAUTHENTICATED');
      }
  });

  it('[AU13] each door takes its own algorithms only', async () => {
    const secretOnly = new TokenVerifier(rules);
    const keysOnly = new TokenVerifier({ ...rules, secret: undefined, jwksUrl });
    expect((await faultOf(secretOnly, await sign(claims))).detail.field).toBe('alg');
    expect((await faultOf(keysOnly, await hmac(claims))).detail.field).toBe('alg');
  });

  it('[AU13] a key that the provider does not have is refused', async () => {
    const verifier = new TokenVerifier({ ...rules, jwksUrl });
    expect((await faultOf(verifier, await sign(claims, 'k2'))).detail.field).toBe('kid');
    const other = await generateKeyPair('RS256');
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
      .sign(other.privateKey);
    expect((await faultOf(verifier, token)).message).toContain('signature');
  });

  it("[AU14] while the provider's keys cannot be fetched the answer is retryable, not a refusal", async () => {
    status = 500;
    try {
      const broken = new TokenVerifier({ ...rules, jwksUrl });
      expect(await faultOf(broken, await sign(claims))).toMatchObject({
        code: 'UNAVAILABLE',
        retryable: true,
      });
    } finally {
      status = 200;
    }
    const nobody = new TokenVerifier({ ...rules, jwksUrl: 'http://127.0.0.1:1/jwks' });
    expect((await faultOf(nobody, await sign(claims))).code).toBe('UNAVAILABLE');
  });
});

describe('the token command', () => {
  const env = { JWT_SECRET: SECRET };

  it('[AU15] mints what the server takes', async () => {
    const token = await tokenOf(['--role', 'server', '--sub', 'match-host', '--ttl', '2h'], env);
    const principal = await new TokenVerifier(rules).verify(token);
    expect(principal).toMatchObject({ role: 'server', sub: 'match-host' });
    expect(principal.expiresAt - Date.now()).toBeGreaterThan(7_190_000);
  });

  it.each([
    [['--role', 'root', '--sub', 'a'], /--role: must be one of player, server, admin, viewer, not "root"/],
    [['--role', 'server'], /--sub: must be/],
    [[], /--role: .*\n.*--sub: /],
    [['--role', 'server', '--sub', 'a b'], /--sub/],
    [['--role', 'server', '--sub', 'a', '--ttl', '1y'], /--ttl: .*not "1y"/],
    [['--role', 'server', '--sub', 'a', '--force'], /--force/],
    [['server', 'a'], /server/],
  ])('[AU15] says what is wrong with %j', async (args, message) => {
    await expect(tokenOf(args, env)).rejects.toThrow(UsageError);
    await expect(tokenOf(args, env)).rejects.toThrow(message);
  });

  it.each([
    ['1s', 1],
    ['15m', 900],
    ['1h', 3_600],
    ['365d', 31_536_000],
  ])('[AU15] a ttl of %s is %i seconds', (text, seconds) => {
    expect(ttlSecondsOf(text)).toBe(seconds);
  });

  it.each(['0s', '366d', '1', '-1h', '1.5h', '1H', ''])('[AU15] refuses the ttl %j', (text) => {
    expect(() => ttlSecondsOf(text)).toThrow(UsageError);
  });
});
