import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { until } from '../../support/condition.ts';
import { type Edge, openEdge } from './edge.ts';

let edge: Edge;
afterEach(() => edge.close());

const PROTOCOL = { 'Sec-WebSocket-Protocol': 'photofinish.v1.json' };
const bearer = (token: string) => ({ ...PROTOCOL, Authorization: `Bearer ${token}` });

test('[AU1] no token, a bad one or an expired one: 401 and a problem document before the upgrade', async () => {
  edge = await openEdge();
  for (const headers of [
    PROTOCOL,
    bearer('nonsense'),
    bearer('player.ann.-5'),
    { ...PROTOCOL, Authorization: 'Basic x' },
  ]) {
    const { status, headers: got, problem } = await edge.refused(headers);
    expect(status).toBe(401);
    expect(got['content-type']).toBe('application/problem+json');
    expect(got['www-authenticate']).toMatch(/^Bearer/);
    expect(problem).toMatchObject({ status: 401, code: 'UNAUTHENTICATED', fix: expect.any(String) });
  }
  expect(edge.seen.refused).toEqual([401, 401, 401, 401]);
  expect(edge.gateway.sessions).toBe(0);
});

test('[AU2] the token comes from the header or a second subprotocol, which is not echoed', async () => {
  edge = await openEdge();
  const socket = edge.socket(['photofinish.v1.json', 'bearer.player.ann']);
  const [[response]] = await Promise.all([once(socket, 'upgrade'), once(socket, 'open')]);
  expect(response.headers['sec-websocket-protocol']).toBe('photofinish.v1.json');
  expect(socket.protocol).toBe('photofinish.v1.json');
  const inUrl = await edge.refused(PROTOCOL, '/v1/ws?token=player.ann&access_token=player.ann');
  expect(inUrl.status).toBe(401);
  expect(inUrl.problem['message']).toMatch(/never in the URL/);
});

test('[AU2] no token is echoed or logged', async () => {
  edge = await openEdge();
  const tokens = ['player.secretann', 'nonsense-secretbob', 'player.secretcy.-5'];
  const client = await edge.connect(tokens[0]);
  client.send('{"type":"tick","id":1,"match":"m1","score":1,"secretdee":"secretdee"}', 'secreteve');
  edge.core.broken.target = new Error('broken');
  client.send({ type: 'tick', id: 2, match: 'm1', score: 1 });
  const texts = [];
  for (const token of tokens.slice(1)) texts.push((await edge.refused(bearer(token))).text);
  await client.replyCount(3);
  expect(texts.join()).not.toMatch(/secret/);
  // A sub is no secret, and names who was served; the token around it is.
  expect(JSON.stringify(edge.logged)).not.toMatch(/player\.secret|secretbob|secretcy|secretdee|secreteve/);
});

test('[AU3] a role that may not connect: 403', async () => {
  edge = await openEdge();
  for (const token of ['forbidden.x', 'stranger.x'])
    expect(await edge.refused(bearer(token))).toMatchObject({ status: 403, problem: { code: 'FORBIDDEN' } });
});

test('[AU4] a wrong subprotocol is 400, a wrong path 404, a broken handshake 400', async () => {
  edge = await openEdge();
  const token = { Authorization: 'Bearer player.ann' };
  for (const headers of [token, { ...token, 'Sec-WebSocket-Protocol': 'photofinish.v2.json, bearer.x' }])
    expect(await edge.refused(headers)).toMatchObject({
      status: 400,
      problem: { field: 'Sec-WebSocket-Protocol', limit: 'photofinish.v1.json' },
    });
  for (const path of ['/', '/ws', '/v1/ws/', '/v1/wss', '//v1/ws'])
    expect(await edge.refused(bearer('player.ann'), path)).toMatchObject({
      status: 404,
      problem: { field: 'path' },
    });
  expect(await edge.refused({ ...bearer('player.ann'), 'Sec-WebSocket-Key': 'short' })).toMatchObject({
    status: 400,
    problem: { field: 'handshake', code: 'INVALID_REQUEST' },
  });
});

test('[AU5] a full server: 503 with Retry-After, and room again when somebody leaves', async () => {
  edge = await openEdge({ connectionsMax: 2 });
  const clients = [await edge.connect(), await edge.connect()];
  const full = await edge.refused(bearer('player.ann'));
  expect(full).toMatchObject({
    status: 503,
    problem: { code: 'OVERLOADED', retryable: true, limit: '2 connections' },
  });
  expect(full.headers['retry-after']).toBe('5');
  clients[0]?.socket.close();
  await until('the gateway to notice', () => edge.gateway.sessions === 1);
  await edge.connect();
});

test('[AU5] tokens being checked count as connections', async () => {
  edge = await openEdge({ connectionsMax: 1 });
  const verify = edge.core.hold('verify');
  const slow = edge.connect();
  await until('its token to be checked', () => verify.count === 1);
  expect((await edge.refused(bearer('player.ann'))).status).toBe(503);
  verify.release();
  await slow;
});

test('[AU5] a server that drains: 503 with Retry-After', async () => {
  edge = await openEdge();
  await edge.gateway.drain();
  const refused = await edge.refused(bearer('player.ann'));
  expect(refused).toMatchObject({ status: 503, problem: { code: 'SHUTTING_DOWN', retryable: true } });
  expect(refused.headers['retry-after']).toBe('1');
});

test('[AU6] when its token ends the connection is closed with 4401', async () => {
  edge = await openEdge();
  const client = await edge.connect('player.ann.300');
  expect(await client.ask({ type: 'ping', id: 1 })).toMatchObject({ type: 'ok' });
  expect(await client.ended()).toEqual({ code: 4401, reason: 'token expired; connect with a new one' });
  expect(edge.gateway.sessions).toBe(0);
});

test('[AU7] viewers and admins read and subscribe, and send no scores', async () => {
  edge = await openEdge();
  for (const role of ['viewer', 'admin']) {
    const client = await edge.connect(`${role}.eve`);
    expect(await client.ask({ type: 'top', id: 1, board: 'arena' })).toMatchObject({ type: 'ok' });
    expect(await client.ask({ type: 'subscribe', id: 2, board: 'arena' })).toMatchObject({ type: 'ok' });
    const forbidden = { type: 'error', code: 'FORBIDDEN', retryable: false };
    for (const request of [
      { type: 'tick', id: 3, match: 'm1', player: 'ann', score: 1 },
      { type: 'ticks', id: 3, match: 'm1', ticks: [{ player: 'ann', score: 1 }] },
      { type: 'match.start', id: 3, board: 'arena' },
    ])
      expect(await client.ask(request)).toMatchObject({ id: 3, ...forbidden });
  }
  expect(edge.core.applied).toEqual([]);
});

test('[AU7] a player sends its own ticks, named or not, and nobody else’s', async () => {
  edge = await openEdge();
  const client = await edge.connect('player.ann');
  expect(await client.ask({ type: 'tick', id: 1, match: 'm1', score: 5 })).toMatchObject({
    type: 'ok',
    score: 5,
  });
  expect(await client.ask({ type: 'tick', id: 2, match: 'm1', player: 'ann', score: 6 })).toMatchObject({
    type: 'ok',
  });
  expect(await client.ask({ type: 'tick', id: 3, match: 'm1', player: 'bob', score: 7 })).toMatchObject({
    id: 3,
    code: 'FORBIDDEN',
    field: 'player',
    limit: 'only ann',
  });
  expect(await client.ask({ type: 'rank', id: 4, board: 'arena' })).toMatchObject({
    entries: [{ player: 'ann', score: 6 }],
  });
  const both = [
    { player: 'ann', score: 8 },
    { player: 'bob', score: 8 },
  ];
  expect(await client.ask({ type: 'ticks', id: 5, match: 'm1', ticks: both })).toMatchObject({
    type: 'ok',
    results: [
      { player: 'ann', score: 8 },
      { player: 'bob', error: { code: 'FORBIDDEN' } },
    ],
  });
  expect([...edge.core.scores]).toEqual([['ann', 8]]);
});

test('[AU1] a peer that leaves while its token is checked harms nobody', async () => {
  edge = await openEdge();
  const verify = edge.core.hold('verify');
  for (let i = 0; i < 20; i++) {
    const raw = edge.raw();
    raw.write(
      'GET /v1/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: photofinish.v1.json\r\n' +
        'Authorization: Bearer server.host\r\n\r\n',
    );
    await until('its token to be checked', () => verify.count === i + 1);
    raw.resetAndDestroy();
  }
  verify.release();
  const client = await edge.connect();
  expect(await client.ask({ type: 'ping', id: 1 })).toMatchObject({ type: 'ok' });
  await until('the others to be gone', () => edge.gateway.sessions === 1);
});
