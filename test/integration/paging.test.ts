/** Pages through a large board while its scores move. */
import { Client } from '@photofinish/shared/client/client';
import type { PageAnswer } from '@photofinish/shared/protocol/reads';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { must } from '../support/admin.ts';
import { type ServerProcess, startServer } from '../support/server.ts';

const ENTRIES = 100_000;
/** Every fifth player moves, the others stand still. */
const MOVES_EACH = 5;
const TICKS_PER_SECOND = 5_000;
const EVERY_MS = 50;
const PER_REQUEST = 250;
const SCORE_MAX = 1_000_000;

let server: ServerProcess;
let mover: Client;
let reader: Client;
beforeAll(async () => {
  server = await startServer({ env: { REQUESTS_PER_SECOND_MAX: '100000' } });
  const url = `${server.url.replace('http', 'ws')}/v1/ws`;
  const openSocket = (to: string, protocols: string[]) => new WebSocket(to, protocols);
  const options = { url, openSocket, requestTimeoutMs: 30_000 };
  mover = new Client({ ...options, token: await server.token('server', 'mover') });
  reader = new Client({ ...options, token: await server.token('viewer', 'reader') });
});
afterAll(async () => {
  mover?.close();
  reader?.close();
  await server?.stop();
});

const playerAt = (i: number): string => `p${String(i).padStart(6, '0')}`;
const moves = (player: string): boolean => Number(player.slice(1)) % MOVES_EACH === 0;
const randomScore = (most = SCORE_MAX): number => Math.floor(Math.random() * most);

async function filled(board: string, operator: 'best' | 'latest'): Promise<void> {
  await must(server, 'POST', '/v1/admin/boards', {
    ...{ id: board, title: board, kind: 'open', operator },
    ticks: { maxPerSecond: 10_000 },
  });
  for (let first = 0; first < ENTRIES; first += 1_000) {
    const ticks = Array.from({ length: 1_000 }, (_, i) => ({
      player: playerAt(first + i),
      score: randomScore(SCORE_MAX / 2),
    }));
    await mover.ticks({ board, ticks });
  }
}

/** Sends ticks of random movers at the rate, however slow the answers are. @returns how to stop, which tells how many were sent */
function moving(board: string): () => Promise<number> {
  const answers: Promise<unknown>[] = [];
  const startedAt = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = ((performance.now() - startedAt) / 1_000) * TICKS_PER_SECOND;
    for (; sent < due; sent += PER_REQUEST) {
      const ticks = Array.from({ length: PER_REQUEST }, () => ({
        player: playerAt(Math.floor(Math.random() * (ENTRIES / MOVES_EACH)) * MOVES_EACH),
        score: randomScore(),
      }));
      answers.push(mover.ticks({ board, ticks }));
    }
  }, EVERY_MS);
  return async () => {
    clearInterval(timer);
    await Promise.all(answers);
    return sent;
  };
}

async function expectWhole(board: string, pages: AsyncIterable<PageAnswer>): Promise<void> {
  const stop = moving(board);
  const seen = new Map<string, number>();
  const startedAt = performance.now();
  for await (const page of pages)
    for (const { player } of page.entries) seen.set(player, (seen.get(player) ?? 0) + 1);
  const seconds = (performance.now() - startedAt) / 1_000;
  const sent = await stop();
  console.info(`${board}: ${seen.size} of ${ENTRIES} players in ${seconds.toFixed(1)} s, ${sent} ticks`);
  expect([...seen].filter(([, times]) => times > 1)).toEqual([]);
  const still = Array.from({ length: ENTRIES }, (_, i) => playerAt(i)).filter((player) => !moves(player));
  expect(still.filter((player) => !seen.has(player))).toEqual([]);
  // Less would have proved little.
  expect(sent).toBeGreaterThan(TICKS_PER_SECOND / 2);
}

/** A page is asked for when the one before has come: nothing but the cursors keeps them together. */
async function* bare(board: string): AsyncGenerator<PageAnswer> {
  for (let cursor: string | undefined, more = true; more; ) {
    const page = await reader.top({ board, limit: 1_000, cursor });
    yield page;
    cursor = page.next;
    more = cursor !== undefined;
  }
}

it('[RD12] bare cursors: 100,000 entries while 5,000 ticks a second raise scores, none twice, none that stood still lost', async () => {
  await filled('rising', 'best');
  await expectWhole('rising', bare('rising'));
});

it('[RD12] pages of the SDK: the same while scores move both ways', async () => {
  await filled('moving', 'latest');
  await expectWhole('moving', reader.pages({ board: 'moving', limit: 1_000 }));
});
