import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FlushAlerts } from '../../../server/src/flush/flush-alerts.ts';
import { AlertWebhook } from '../../../server/src/observe/alert-webhook.ts';
import { type AlertNotice, Alerts } from '../../../server/src/observe/alerts.ts';
import { signatureOf } from '../../../server/src/observe/signed-post.ts';
import { until } from '../../support/condition.ts';
import { type Receiver, startReceiver } from '../../support/webhook-receiver.ts';

const SECRET = 'a shared secret of some length';

function setUp() {
  const registry = new Registry();
  const sent: AlertNotice[] = [];
  const logged: string[] = [];
  const note = (level: string) => (_: object, message: string) => void logged.push(`${level} ${message}`);
  const log = { debug() {}, info: note('info'), warn: note('warn'), error: note('error') };
  const time = { now: 1_000 };
  const alerts = new Alerts(registry, {
    ...{ log, clock: () => time.now, server: 'me', send: (notice) => void sent.push(notice) },
  });
  const metric = async (name: string) =>
    Number(new RegExp(`^${name}\\{alert="flush-failing"\\} (\\d+)`, 'm').exec(await registry.metrics())?.[1]);
  return { alerts, sent, logged, log, time, metric };
}

describe('alerts', () => {
  it('[AL1] are told once when the first subject is raised, and once when the last one is cleared', async () => {
    const { alerts, sent, logged, time, metric } = setUp();
    expect(await metric('photofinish_alert_active')).toBe(0);
    alerts.raise('flush-failing', 's1', { failures: 2 });
    alerts.raise('flush-failing', 's1', { failures: 3 });
    alerts.raise('flush-failing', 's2', {});
    expect(await metric('photofinish_alert_active')).toBe(1);
    alerts.clear('flush-failing', 's1');
    alerts.clear('flush-failing', 'unheard of');
    alerts.clear('rows-refused', 's1');
    expect(alerts.active('flush-failing')).toEqual(['s2']);
    time.now = 5_000;
    alerts.clear('flush-failing', 's2');
    alerts.clear('flush-failing', 's2');
    expect(sent).toMatchObject([
      { type: 'alert.raised', alert: 'flush-failing', subject: 's1', detail: { failures: 2 }, at: 1_000 },
      { type: 'alert.cleared', alert: 'flush-failing', detail: { lastedMs: 4_000 }, raisedAt: 1_000 },
    ]);
    expect(sent[1]?.incident).toBe(sent[0]?.incident);
    expect(logged).toEqual(['error alert raised', 'info alert cleared']);
    alerts.raise('flush-failing', 's1', {});
    expect(sent[2]?.incident).not.toBe(sent[0]?.incident);
    expect(await metric('photofinish_alerts_raised_total')).toBe(2);
  });

  it('[AL2] flushes that fail twice, or once with the breaker, raise one; a good flush clears it', () => {
    const { alerts, sent } = setUp();
    const flushes = new FlushAlerts('s1', alerts);
    flushes.failed(1, false);
    expect(sent).toEqual([]);
    flushes.failed(2, false);
    flushes.failed(3, true);
    flushes.worked();
    flushes.failed(1, true);
    expect(sent.map(({ type }) => type)).toEqual(['alert.raised', 'alert.cleared', 'alert.raised']);
  });

  it('[AL2] rows that are refused pass after pass raise one; those of one takeover do not', () => {
    const { alerts, sent } = setUp();
    const flushes = new FlushAlerts('s1', alerts);
    const pass = (refused: number) => flushes.flushed({ refused, parked: [] });
    for (const refused of [5, 5, 0, 5, 5]) pass(refused);
    expect(sent).toEqual([]);
    pass(1);
    pass(1);
    expect(sent).toMatchObject([{ alert: 'rows-refused', type: 'alert.raised', detail: { rows: 1 } }]);
    pass(0);
    expect(sent).toHaveLength(2);
  });
});

describe('the webhook', () => {
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await startReceiver(SECRET);
  });
  afterEach(() => receiver.stop());

  const hookTo = (url: string, secret = SECRET) => {
    const { alerts, sent, logged, log } = setUp();
    const webhook = new AlertWebhook({ url, secret, log, clock: () => 7_000, random: () => 0 });
    const raise = () => {
      alerts.raise('flush-failing', 's1', {});
      alerts.clear('flush-failing', 's1');
      for (const notice of sent.splice(0)) webhook.send(notice);
    };
    return { webhook, raise, logged };
  };

  it('[AL5] gets signed messages in order, and what it could not take again', async () => {
    const { webhook, raise } = hookTo(receiver.url);
    receiver.status = 503;
    raise();
    await until('a refused attempt', () => receiver.requests > 0);
    receiver.status = 200;
    await until('both', () => receiver.notices.length === 2);
    expect(receiver.notices.map(({ type }) => type)).toEqual(['alert.raised', 'alert.cleared']);
    expect(signatureOf(SECRET, 7, 'x')).not.toBe(signatureOf(SECRET, 8, 'x'));
    await webhook.stop(1_000);
  });

  it('[AL5] is not followed elsewhere, and another secret is found out', async () => {
    const wrong = hookTo(receiver.url, 'another secret of some length');
    wrong.raise();
    receiver.status = 302;
    const { webhook, raise } = hookTo(receiver.url);
    raise();
    await until('some attempts', () => receiver.requests >= 4);
    expect(receiver.notices).toEqual([]);
    await Promise.all([webhook.stop(0), wrong.webhook.stop(0)]);
  });

  it('[AL5] that hangs holds nobody up: what waits is bounded, and a stop drops it in time', async () => {
    receiver.status = 0;
    const { webhook, raise, logged } = hookTo(receiver.url);
    for (let i = 0; i < 60; i++) raise();
    const missed = () => logged.filter((line) => line.includes('alert not delivered')).length;
    expect(missed()).toBe(20);
    const before = performance.now();
    await webhook.stop(50);
    expect(performance.now() - before).toBeLessThan(1_000);
    expect(missed()).toBe(120);
  });
});
