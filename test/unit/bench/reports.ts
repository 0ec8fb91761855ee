/** A report of made-up figures. */
import { RATIO_NAMES } from '../../bench/goals.ts';
import type { Report } from '../../bench/report.ts';

export function madeUpReport(): Report {
  const range = { median: 2, min: 1, max: 3 };
  const side = (name: string) => ({
    ...{ name, unit: 'ticks/s', value: { median: 123_456, min: 100_000, max: 140_000 } },
    ...{ serverUs: 5.25, storeUs: null, clientShare: 0.5 },
  });
  return {
    machine: {
      ...{
        cpu: 'A processor',
        cores: 8,
        memoryGiB: 16,
        os: 'An OS',
        node: 'v24.0.0',
        redis: '7.2.0',
        loadBefore: 0,
      },
      ...{ postgres: '18.0', ws: '8.23.0', ioredis: '6.0.0', postgresJs: '3.4.9', commit: '0123456789ab' },
    },
    run: { scale: 'full', startedAt: '2026-01-02T03:04:05.000Z', seconds: 600 },
    ratios: Object.fromEntries(
      RATIO_NAMES.map((name) => [name, { ...range, rounds: 5, goal: 1, ok: name !== 'settle' }]),
    ),
    details: Object.fromEntries(
      RATIO_NAMES.map((name) => [
        name,
        { ratios: [1, 2, 3], sides: [side('photofinish'), side('base')], checked: 1_000, seconds: 40 },
      ]),
    ),
  };
}
