import { Client } from '@photofinish/shared/client/client';
import { KeptTicks } from '@photofinish/shared/client/kept-ticks';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Doc, scriptedServer, until } from './scripted-server.ts';

const closings: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

const at = (version: number, epoch = 1) => ({ epoch, version });
const seqs = (kept: KeptTicks, target: string) => kept.owed(target, 9).map(({ body }) => body.seq);

describe('what a client keeps', () => {
  test('[SDK12] of a match the last word of a player, of a board that keeps the best the best', () => {
    const kept = new KeptTicks(100);
    kept.keep({ match: 'm', player: 'ann', score: 9, seq: 1 }, { score: 9, ...at(1) });
    kept.keep({ match: 'm', player: 'ann', score: 4, seq: 2 }, { score: 9, ...at(2) });
    kept.keep({ match: 'm', player: 'ann', score: 9, seq: 1 }, { score: 9, ...at(2) });
    expect(seqs(kept, 'match m')).toEqual([2]);
    kept.keep({ board: 'b', player: 'ann', score: 9, seq: 3 }, { score: 9, ...at(1) });
    kept.keep({ board: 'b', player: 'ann', score: 4, seq: 4 }, { score: 9, ...at(1) });
    expect(seqs(kept, 'board b')).toEqual([3]);
  });

  test('[SDK12] every delta, until a watermark of its epoch passes it', () => {
    const kept = new KeptTicks(100);
    for (const seq of [1, 2, 3])
      kept.keep({ board: 'b', player: 'ann', delta: 5, seq }, { score: 5 * seq, ...at(seq) });
    kept.prune('board b', at(9, 2));
    expect(kept.size).toBe(3);
    kept.prune('board b', at(2));
    expect(seqs(kept, 'board b')).toEqual([3]);
    expect(kept.owed('board b', 1)).toEqual([]);
  });

  test('[SDK12] a bounded number of them: past it the oldest go, and are counted', () => {
    const kept = new KeptTicks(3);
    for (const seq of [1, 2, 3, 4, 5])
      kept.keep({ board: 'b', player: 'ann', delta: 5, seq }, { score: 5, ...at(seq) });
    expect([kept.size, kept.dropped]).toEqual([3, 2]);
    expect(seqs(kept, 'board b')).toEqual([3, 4, 5]);
  });
});

/** A season in a few lines: it has one epoch, takes every tick once, and tells followers what a test says. */
function season() {
  let epoch = 1;
  let version = 0;
  let taken = new Set<number>();
  const ticks: Doc[] = [];
  const respond = (doc: Doc): object => {
    const id = doc.id;
    if (doc.type === 'subscribe')
      return {
        type: 'ok',
        id,
        subscription: 7,
        board: 'b',
        season: 's',
        state: 'open',
        epoch,
        watermark: null,
      };
    if (doc.type !== 'tick') return { type: 'ok', id };
    ticks.push(doc);
    const seq = Number(doc['seq']);
    const repeat = taken.has(seq) ? { repeat: true } : {};
    taken.add(seq);
    return {
      type: 'ok',
      id,
      ack: 'cache',
      rank: 1,
      score: 1,
      improved: true,
      epoch,
      version: ++version,
      ...repeat,
    };
  };
  return {
    ticks,
    respond,
    lose() {
      epoch++;
      version = 0;
      taken = new Set();
    },
    push: (watermark: object | null) =>
      JSON.stringify({ type: 'watermark', subscription: 7, season: 's', state: 'open', epoch, watermark }),
  };
}

describe('the redo of a client', () => {
  test('[SDK12] after a reconnect that shows a newer epoch, kept ticks go first, with their seq, and new ones after them', async () => {
    const world = season();
    const server = await scriptedServer(world.respond);
    closings.push(() => server.stop());
    const client = new Client({
      ...{ url: server.url, token: 't', random: () => 0, heartbeatMs: 0 },
      openSocket: (url, protocols) => new WebSocket(url, protocols),
    });
    closings.push(() => client.close());
    for (const delta of [1, 2, 3]) await client.tick({ board: 'b', player: 'ann', delta, seq: delta });
    await until('followed', () => server.docs.some(({ type }) => type === 'subscribe'));
    server.sockets[0]?.send(world.push({ epoch: 1, version: 1, at: 1 }));
    await until('pruned', () => client.redo?.kept === 2);
    world.lose();
    world.ticks.length = 0;
    server.sockets[0]?.terminate();
    await until('noticed', () => client.state !== 'open');
    const late = client.tick({ board: 'b', player: 'ann', delta: 4, seq: 4 });
    await late;
    expect(world.ticks.map((doc) => doc['seq'])).toEqual([2, 3, 4]);
    expect(client.redo).toMatchObject({ applied: 2, repeated: 0, lost: 0, dropped: 0 });
  });

  test('[SDK12] an epoch that changes on a living connection does the same; ticks that are there already count as repeats', async () => {
    const world = season();
    const server = await scriptedServer(world.respond);
    closings.push(() => server.stop());
    const client = new Client({
      ...{ url: server.url, token: 't', random: () => 0, heartbeatMs: 0 },
      openSocket: (url, protocols) => new WebSocket(url, protocols),
    });
    closings.push(() => client.close());
    await client.tick({ board: 'b', player: 'ann', delta: 1, seq: 1 });
    await until('followed', () => server.docs.some(({ type }) => type === 'subscribe'));
    world.lose();
    await client.tick({ board: 'b', player: 'bob', delta: 1, seq: 2 });
    server.sockets[0]?.send(world.push(null));
    await until('redone', () => client.redo?.applied === 1);
    expect(world.ticks.map((doc) => doc['seq'])).toEqual([1, 2, 1]);
    server.sockets[0]?.send(world.push({ epoch: 2, version: 9, at: 1 }));
    await until('pruned', () => client.redo?.kept === 0);
  });
});
