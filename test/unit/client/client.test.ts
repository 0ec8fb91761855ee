import { Client, type ClientOptions } from '@photofinish/shared/client/client';
import { Fault } from '@photofinish/shared/protocol/errors';
import { LIMITS } from '@photofinish/shared/protocol/limits';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Doc, type Respond, type ScriptedServer, scriptedServer, until } from './scripted-server.ts';

const ok: Respond = (doc) => ({ type: 'ok', id: doc.id, echoed: doc.type });
const silent: Respond = () => undefined;
const openSocket = (url: string, protocols: string[]) => new WebSocket(url, protocols);

const closings: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

async function serve(...args: Parameters<typeof scriptedServer>): Promise<ScriptedServer> {
  const server = await scriptedServer(...args);
  closings.push(() => server.stop());
  return server;
}

function join(url: string, options: Partial<ClientOptions> = {}): Client {
  const quiet = { random: () => 0, heartbeatMs: 0, redoTicksMax: 0 };
  const client = new Client({ url, token: 't0ken', openSocket, ...quiet, ...options });
  closings.push(() => client.close());
  return client;
}

const faultOf = (request: Promise<unknown>): Promise<Fault> =>
  request.then(
    () => expect.fail('no fault came'),
    (fault: unknown) => {
      expect(fault).toBeInstanceOf(Fault);
      return fault as Fault;
    },
  );

const tick = { match: 'm1', player: 'ann', score: 5 };
const of = (docs: readonly Doc[], type: string) => docs.filter((doc) => doc.type === type);

describe('requests', () => {
  test('[SDK1] each request gets its own reply, whatever the order of answers', async () => {
    const held: Doc[] = [];
    const server = await serve((doc, socket) => {
      held.push(doc);
      if (held.length === 3)
        socket.send(
          held
            .map(({ id, type }) => JSON.stringify({ type: 'ok', id, echoed: type }))
            .reverse()
            .join('\n'),
        );
      return undefined;
    });
    const client = join(server.url);
    const answers = await Promise.all([client.ping(), client.tick(tick), client.matchStart('b1')]);
    expect(answers).toMatchObject([{ echoed: 'ping' }, { echoed: 'tick' }, { echoed: 'match.start' }]);
    expect(client.inFlight).toBe(0);
  });

  test('[SDK1] an error reply becomes a Fault with all that it says', async () => {
    const server = await serve(({ id }) => ({
      type: 'error',
      id,
      code: 'RATE_LIMITED',
      message: 'slow down',
      retryable: true,
      retryAfterMs: 70,
      limit: '50 per second',
    }));
    const fault = await faultOf(join(server.url).tick(tick));
    expect(fault).toMatchObject({ code: 'RATE_LIMITED', retryable: true, message: 'slow down' });
    expect(fault.detail).toEqual({ retryAfterMs: 70, limit: '50 per second' });
  });

  test('[SDK1] a code of a newer server keeps its meaning for the caller', async () => {
    const server = await serve(({ id, type }) => ({
      type: 'error',
      id,
      code: 'NEW_CODE',
      message: 'new',
      retryable: type === 'ping',
    }));
    const client = join(server.url);
    expect(await faultOf(client.ping())).toMatchObject({ retryable: true, message: 'NEW_CODE: new' });
    expect(await faultOf(client.tick(tick))).toMatchObject({ retryable: false });
  });

  test('[SDK5] no answer in time is OUTCOME_UNKNOWN, and a silent connection is given up', async () => {
    const server = await serve(silent);
    const client = join(server.url, { requestTimeoutMs: 60 });
    await client.opened();
    const fault = await faultOf(client.tick(tick));
    expect(fault).toMatchObject({ code: 'OUTCOME_UNKNOWN', retryable: true });
    await until('a second connection', () => server.sockets.length === 2);
  });

  test('[SDK5] what never left is UNAVAILABLE: certainly not done', async () => {
    const server = await serve(ok, () => 503);
    const client = join(server.url, { requestTimeoutMs: 60, random: () => 0.5 });
    expect(await faultOf(client.tick(tick))).toMatchObject({
      code: 'UNAVAILABLE',
      message: `tick was not sent: no connection to ${server.url} within 60 ms (the server refused the connection with status 503)`,
    });
    expect(server.docs).toEqual([]);
  });

  test('[SDK6] past inFlightMax a request is refused by name and not sent', async () => {
    const server = await serve(silent);
    const client = join(server.url, { inFlightMax: 2 });
    await client.opened();
    const waiting = [client.ping(), client.ping()].map(faultOf);
    const fault = await faultOf(client.ping());
    expect(fault.code).toBe('OVERLOADED');
    expect(fault.detail.limit).toContain('2 requests');
    await until('both pings', () => server.docs.length === 2);
    client.close();
    expect((await Promise.all(waiting)).map(({ code }) => code)).toEqual([
      'OUTCOME_UNKNOWN',
      'OUTCOME_UNKNOWN',
    ]);
    expect(server.docs).toHaveLength(2);
  });

  test('[SDK7] ticks get growing seq numbers; one that was given stays', async () => {
    const server = await serve(ok);
    const client = join(server.url, { now: () => 1_000 });
    await client.tick(tick);
    await client.tick({ ...tick, seq: 7 });
    await client.ticks({
      match: 'm1',
      ticks: [
        { player: 'a', score: 1 },
        { player: 'b', score: 1, seq: undefined },
      ],
    });
    expect(server.docs.slice(0, 2).map((doc) => doc['seq'])).toEqual([1_000_000, 7]);
    expect(server.docs[2]?.['ticks']).toMatchObject([{ seq: 1_000_002 }, { seq: 1_000_003 }]);
  });

  test('[SDK11] requests of one turn share a frame', async () => {
    const server = await serve(ok);
    const client = join(server.url);
    await client.opened();
    await Promise.all([client.tick(tick), client.tick(tick), client.ping()]);
    expect(server.frames).toHaveLength(1);
  });

  test('[SDK11] a request past the frame limit is refused before it can end the connection', async () => {
    const server = await serve(ok);
    const client = join(server.url);
    const players = Array.from({ length: LIMITS.frameBytesMax / 10 }, (_, i) => `player-${i}`);
    expect(await faultOf(client.rank({ board: 'b1', players }))).toMatchObject({ code: 'INVALID_REQUEST' });
    expect(await client.ping()).toMatchObject({ type: 'ok' });
  });
});

describe('reconnecting', () => {
  test('[SDK4] unanswered ticks and finals go out again, unchanged and in order; match.start does not', async () => {
    const server = await serve((doc, socket, connection) => {
      if (connection > 1) return ok(doc, socket, connection);
      if (doc.type === 'ping') socket.terminate();
      return undefined;
    });
    const client = join(server.url);
    await client.opened();
    const requests = [
      client.tick(tick),
      client.final(tick),
      client.matchEnd({ match: 'm1', finals: [] }),
      client.tick({ ...tick, score: 6 }),
    ];
    const start = faultOf(client.matchStart('b1'));
    const ping = client.ping();
    expect(await start).toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    await Promise.all([...requests, ping]);
    const [first, second] = [server.docs.slice(0, 6), server.docs.slice(6)];
    expect(second).toEqual(first.filter(({ type }) => type !== 'match.start'));
  });

  test('[SDK4] one request goes out at most sendsMax times', async () => {
    const server = await serve((_, socket) => {
      socket.terminate();
      return undefined;
    });
    const client = join(server.url, { sendsMax: 3 });
    expect(await faultOf(client.tick(tick))).toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    expect(server.docs).toHaveLength(3);
  });

  test.each([1011, 1012, 1013, 4008, 4500])('[SDK3] a close with %i comes back', async (code) => {
    const server = await serve((doc, socket, connection) => {
      if (connection > 1) return ok(doc, socket, connection);
      socket.close(code);
      return undefined;
    });
    await join(server.url).ping();
    expect(server.sockets).toHaveLength(2);
  });

  test.each([1008, 1009, 4400, 4403, 4401])('[SDK3] a close with %i does not come back', async (code) => {
    const server = await serve((_, socket) => {
      socket.close(code, 'because');
      return undefined;
    });
    const client = join(server.url);
    const fault = await faultOf(client.ping());
    expect(fault.message).toContain(`${code}: because`);
    expect(client.state).toBe('ended');
    expect(await faultOf(client.ping())).toMatchObject({ code: 'UNAVAILABLE' });
    expect(server.sockets).toHaveLength(1);
  });

  test.each([401, 403, 404])('[SDK3] an upgrade refused with %i does not come back', async (status) => {
    const server = await serve(ok, () => status);
    const client = join(server.url);
    const fault = await faultOf(client.opened());
    expect(fault.message).toContain(`status ${status}`);
    expect(server.upgrades).toHaveLength(1);
  });

  test('[SDK3] an upgrade refused with 503 comes back', async () => {
    let refusals = 0;
    const server = await serve(ok, () => (refusals++ < 2 ? 503 : undefined));
    const client = join(server.url);
    await client.opened();
    expect(server.upgrades).toHaveLength(3);
  });

  test('[SDK10] the token goes as a bearer subprotocol behind the protocol’s own', async () => {
    const server = await serve(ok);
    await join(server.url).opened();
    expect(server.upgrades[0]?.headers['sec-websocket-protocol']).toBe('photofinish.v1.json,bearer.t0ken');
  });

  test('[SDK10] a refused token is replaced from its source, and the same one is not tried twice', async () => {
    const offered = (header: string | undefined) => header?.split('bearer.')[1];
    const server = await serve(ok, ({ headers }) =>
      offered(headers['sec-websocket-protocol']) === 'fresh' ? undefined : 401,
    );
    const tokens = ['old', 'fresh'];
    const renewed = join(server.url, { token: async () => tokens.shift() ?? 'none' });
    await renewed.opened();
    const stuck = join(server.url, { token: () => 'old' });
    await faultOf(stuck.opened());
    expect(server.upgrades.map(({ headers }) => offered(headers['sec-websocket-protocol']))).toEqual([
      'old',
      'fresh',
      'old',
    ]);
  });

  test('[SDK10] an expired token (4401) is replaced and the request goes out again', async () => {
    const server = await serve((doc, socket, connection) => {
      if (connection > 1) return ok(doc, socket, connection);
      socket.close(4401);
      return undefined;
    });
    const tokens = ['old', 'fresh'];
    await join(server.url, { token: () => tokens.shift() ?? 'none' }).ping();
    expect(server.sockets).toHaveLength(2);
  });

  test('[SDK5] an idle connection is asked for a word, and given up when none comes', async () => {
    const server = await serve(silent);
    join(server.url, { heartbeatMs: 20, requestTimeoutMs: 40 });
    await until('a second connection', () => server.sockets.length === 2);
    expect(of(server.docs, 'ping').length).toBeGreaterThan(0);
  });
});

describe('subscriptions', () => {
  const row = (score: number) => ({ rank: 1, player: 'ann', score, achievedAt: 1 });
  const view = (version: number, score: number) => ({
    season: 's1',
    state: 'open',
    epoch: 1,
    version,
    total: 1,
    entries: [row(score)],
  });
  const delta = (from: number, version: number, score: number) => ({
    type: 'delta',
    subscription: 1,
    season: 's1',
    from: { epoch: 1, version: from },
    epoch: 1,
    version,
    total: 1,
    length: 1,
    changed: [row(score)],
  });
  const subscribed: Respond = (doc, _socket, connection) =>
    doc.type === 'subscribe'
      ? {
          type: 'ok',
          id: doc.id,
          subscription: 1,
          board: 'b1',
          source: 'live',
          ...view(connection * 10, connection),
        }
      : { type: 'ok', id: doc.id };

  test('[SDK9] a view follows its deltas and is asked for again after a reconnect', async () => {
    const server = await serve(subscribed);
    const client = join(server.url);
    const seen: number[] = [];
    client.subscribe(
      { board: 'b1', limit: 5 },
      { view: ({ entries }) => seen.push(entries[0]?.score ?? -1) },
    );
    await until('the first view', () => seen.length === 1);
    server.sockets[0]?.send(JSON.stringify(delta(10, 11, 77)));
    await until('the delta', () => seen.length === 2);
    server.sockets[0]?.terminate();
    await until('the view of the second connection', () => seen.length === 3);
    expect(seen).toEqual([1, 77, 2]);
  });

  test('[SDK9] a delta that does not fit is never shown: the whole view is asked for again', async () => {
    const server = await serve(subscribed);
    const client = join(server.url);
    const seen: number[] = [];
    client.subscribe({ board: 'b1' }, { view: ({ version }) => seen.push(version) });
    await until('the first view', () => seen.length === 1);
    server.sockets[0]?.send(JSON.stringify(delta(8, 11, 77)));
    await until('the second view', () => seen.length === 2);
    expect(seen).toEqual([10, 10]);
    expect(server.docs.map(({ type }) => type)).toEqual(['subscribe', 'unsubscribe', 'subscribe']);
  });

  test('[SDK9] a closed subscription ends at the server and hears nothing more', async () => {
    const server = await serve(subscribed);
    const client = join(server.url);
    const seen: number[] = [];
    const subscription = client.subscribe({ board: 'b1' }, { view: ({ version }) => seen.push(version) });
    await until('the first view', () => seen.length === 1);
    subscription.close();
    await until('the unsubscribe', () => of(server.docs, 'unsubscribe').length === 1);
    server.sockets[0]?.send(JSON.stringify(delta(10, 11, 77)));
    await client.ping();
    expect(seen).toEqual([10]);
  });

  test('[SDK9] a refused subscription says why once; a retryable refusal is asked again', async () => {
    let asked = 0;
    const server = await serve((doc, socket, connection) => {
      if (doc['board'] === 'nope')
        return { type: 'error', id: doc.id, code: 'BOARD_NOT_FOUND', message: 'no', retryable: false };
      asked += 1;
      if (asked === 1)
        return {
          type: 'error',
          id: doc.id,
          code: 'OVERLOADED',
          message: 'later',
          retryable: true,
          retryAfterMs: 1,
        };
      return subscribed(doc, socket, connection);
    });
    const client = join(server.url);
    const faults: string[] = [];
    let views = 0;
    client.subscribe({ board: 'nope' }, { view: () => {}, fault: ({ code }) => faults.push(code) });
    client.subscribe({ board: 'b1' }, { view: () => views++, fault: ({ code }) => faults.push(code) });
    await until('the view', () => views === 1);
    expect(faults).toEqual(['BOARD_NOT_FOUND']);
  });
});
