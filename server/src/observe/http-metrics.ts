import { Counter, Histogram, type Registry } from 'prom-client';
import type { HttpObserver } from '../http/deps.ts';

export function httpObserver(registry: Registry): HttpObserver {
  const requests = new Counter({
    name: 'photofinish_http_requests_total',
    help: 'HTTP requests answered, by route pattern and status class. Upgrades to WebSocket are not among them.',
    labelNames: ['method', 'route', 'status'],
    registers: [registry],
  });
  const seconds = new Histogram({
    name: 'photofinish_http_request_seconds',
    help: 'Time from the head of an HTTP request to the head of its answer.',
    buckets: [0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  return {
    answered({ method, route, status, ms }) {
      requests.inc({ method, route, status: `${Math.floor(status / 100)}xx` });
      seconds.observe(ms / 1_000);
    },
  };
}
