import { CLOSES } from '@photofinish/shared/protocol/closes';
import { ERRORS, type ErrorCode } from '@photofinish/shared/protocol/errors';
import { Gauge, type Registry } from 'prom-client';
import type { GatewayObserver } from '../ws/services.ts';
import { tally } from './tally.ts';

/** Clients may close with any number; only these get a series of their own. */
const CLOSE_CODES = [
  '1000',
  '1001',
  '1005',
  '1006',
  ...Object.values(CLOSES).map(({ code }) => String(code)),
];
const REFUSALS = ['400', '401', '403', '404', '405', '426', '429', '503'];
const ERROR_CODES = Object.keys(ERRORS) as ErrorCode[];
const PUSHES = ['snapshot', 'delta', 'window', 'watermark', 'places'] as const;

export function gatewayObserver(registry: Registry): GatewayObserver {
  let sessions = 0;
  new Gauge({
    name: 'photofinish_gateway_sessions',
    help: 'WebSocket connections that are open now.',
    registers: [registry],
    collect() {
      this.set(sessions);
    },
  });
  const closes = tally(registry, {
    name: 'photofinish_gateway_closes_total',
    help: 'WebSocket connections that ended, by close code; 1006: broken off.',
    label: 'code',
    values: [...CLOSE_CODES, 'other'],
  });
  const refusals = tally(registry, {
    name: 'photofinish_gateway_refusals_total',
    help: 'Connections refused before the upgrade, by HTTP status.',
    label: 'status',
    values: [...REFUSALS, 'other'],
  });
  const frames = tally(registry, {
    name: 'photofinish_gateway_frames_total',
    help: 'WebSocket frames.',
    label: 'direction',
    values: ['in', 'out'],
  });
  const documents = tally(registry, {
    name: 'photofinish_gateway_documents_total',
    help: 'JSON documents in the frames that came in.',
    label: 'direction',
    values: ['in'],
  });
  const characters = tally(registry, {
    name: 'photofinish_gateway_characters_total',
    help: 'Characters of the frames that went out.',
    label: 'direction',
    values: ['out'],
  });
  const errors = tally(registry, {
    name: 'photofinish_gateway_errors_total',
    help: 'Requests over WebSocket that were answered with an error, by its code.',
    label: 'code',
    values: ERROR_CODES,
  });
  const pushes = tally(registry, {
    name: 'photofinish_gateway_pushes_total',
    help: 'Pushes sent, one per subscriber.',
    label: 'kind',
    values: PUSHES,
  });
  return {
    opened() {
      sessions++;
    },
    closed(code) {
      sessions--;
      count(closes, code);
    },
    refused(status) {
      count(refusals, status);
    },
    received(count) {
      frames.in++;
      documents.in += count;
    },
    sent(count) {
      frames.out++;
      characters.out += count;
    },
    failed(code) {
      errors[code]++;
    },
    pushed(kind, subscribers) {
      pushes[kind] += subscribers;
    },
  };
}

function count(counts: Record<string, number>, key: number): void {
  const name = counts[key] === undefined ? 'other' : String(key);
  counts[name] = (counts[name] ?? 0) + 1;
}

/** Adds the gauge of subscriptions, asked at each scrape. */
export function subscriptionGauge(registry: Registry, subscriptions: () => number): void {
  new Gauge({
    name: 'photofinish_gateway_subscriptions',
    help: 'Subscriptions of all connections now.',
    registers: [registry],
    collect() {
      this.set(subscriptions());
    },
  });
}
