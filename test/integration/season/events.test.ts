import { afterEach, describe, expect, it } from 'vitest';
import { call, must } from '../../support/admin.ts';
import { setBoundary } from '../../support/boundary.ts';
import { until } from '../../support/condition.ts';
import { type ServerProcess, startServer } from '../../support/server.ts';
import { type Receiver, startReceiver } from '../../support/webhook-receiver.ts';

const running: ServerProcess[] = [];
const receivers: Receiver[] = [];
const killed = new Set<ServerProcess>();
afterEach(async () => {
  for (const server of running.splice(0).reverse()) {
    const code = await server.stop();
    if (!killed.has(server)) expect(code).toBe(0);
  }
  for (const receiver of receivers.splice(0)) await receiver.stop();
});

const SECRET = 'a-secret-of-the-studio';
interface Told {
  id: string;
  type: string;
  board: string;
  season: { id: string; number: number };
}
const told = (receiver: Receiver): Told[] => receiver.notices as unknown as Told[];
const summary = (events: readonly Told[]) =>
  events.map(({ season, type }) => `${season.number} ${type}`).sort();

async function receiver(): Promise<{ receiver: Receiver; env: Record<string, string> }> {
  const started = await startReceiver(SECRET);
  receivers.push(started);
  return { receiver: started, env: { EVENT_WEBHOOK_URL: started.url, EVENT_WEBHOOK_SECRET: SECRET } };
}

const WEEKLY = { schedule: '0 0 * * 1' };

describe('events of seasons', () => {
  it('[SV1, SV2] each start and end is one event, however many servers see it, and is delivered signed', async () => {
    const { receiver: studio, env } = await receiver();
    const a = await startServer({ env });
    const b = await startServer({ ...a, env });
    running.push(a, b);
    await must(a, 'POST', '/v1/admin/boards', { id: 'weekly', title: 'W', kind: 'open', season: WEEKLY });
    await setBoundary(a.databaseUrl, 'weekly', 300);
    const expected = ['1 season.closed', '1 season.ended', '1 season.started', '2 season.started'];
    await until('all four are delivered', () => studio.notices.length >= 4);
    expect(summary(told(studio))).toEqual(expected);
    const { events } = await must(b, 'GET', '/v1/admin/season-events');
    expect(summary(events.map(({ event }: { event: Told }) => event))).toEqual(expected);
    await until('all are marked', async () => {
      const { events: waiting } = await must(b, 'GET', '/v1/admin/season-events?undelivered');
      return waiting.length === 0;
    });
    expect(told(studio)[0]).toEqual({
      ...{ id: expect.stringMatching(/\.season\./), type: expect.any(String), at: expect.any(Number) },
      board: 'weekly',
      season: expect.objectContaining({ id: expect.any(String), number: 1, startedAt: expect.any(Number) }),
    });
  });

  it('[SV3] what the receiver did not take comes again, after a crash too; an admin sees it waiting, and sends one again', async () => {
    const { receiver: studio, env } = await receiver();
    studio.status = 503;
    const first = await startServer({ env });
    running.push(first);
    await must(first, 'POST', '/v1/admin/boards', { id: 'cup', title: 'Cup' });
    await until('an attempt', () => studio.requests > 0);
    await until('it waits', async () => {
      const { events } = await must(first, 'GET', '/v1/admin/season-events?undelivered=true');
      return events[0]?.problem === 'the receiver answered 503' && events[0].nextAttemptAt > 0;
    });
    await first.kill('SIGKILL');
    killed.add(first);
    studio.status = 200;
    const next = await startServer({ ...first, env });
    running.push(next);
    await until('it is delivered', () => studio.notices.length > 0);
    const [event] = told(studio);
    expect(event).toMatchObject({ type: 'season.started', board: 'cup' });
    await until('it is marked', async () => {
      const { events } = await must(next, 'GET', '/v1/admin/season-events');
      return events[0].deliveredAt > 0;
    });
    await must(next, 'POST', `/v1/admin/season-events/${event?.id}/retry`);
    await until('it is delivered again', () => studio.notices.length > 1);
    expect(told(studio)[1]?.id).toBe(event?.id);
    expect(await call(next, 'POST', '/v1/admin/season-events/none.season.ended/retry')).toMatchObject({
      status: 404,
      body: { field: 'event' },
    });
  });

  it('[SV4] without a receiver events are recorded and wait, and a receiver that is set up gets them', async () => {
    const first = await startServer();
    running.push(first);
    await must(first, 'POST', '/v1/admin/boards', { id: 'quiet', title: 'Quiet' });
    const { events } = await must(first, 'GET', '/v1/admin/season-events?undelivered=true');
    expect(events).toMatchObject([{ attempts: 0, event: { type: 'season.started' } }]);
    const { receiver: studio, env } = await receiver();
    running.push(await startServer({ ...first, env }));
    await until('it is delivered', () => studio.notices.length > 0);
    expect(told(studio)[0]?.id).toBe(events[0].event.id);
  });
});
