import { describe, expect, it } from 'vitest';
import type { TickOutcome } from '../../../server/src/board/live-board.ts';
import { createMetrics } from '../../../server/src/observe/metrics.ts';

const outcome = (over: Partial<TickOutcome>): TickOutcome => ({
  refused: undefined,
  rank: 1,
  previousRank: 1,
  score: 1,
  previousScore: 1,
  improved: false,
  repeat: false,
  ...over,
});

/** The value of one series, as a scraper sees it. */
const value = (text: string, series: string): number => {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `));
  if (line === undefined) throw new Error(`there is no series ${series}`);
  return Number(line.slice(series.length + 1));
};

describe('metrics', () => {
  it('[OB1] count what the core tells, ready to scrape', async () => {
    const metrics = createMetrics({ processMetrics: false });
    metrics.ticks.batch({
      ticks: 5,
      ms: 4,
      outcomes: [
        outcome({ improved: true }),
        outcome({ improved: true }),
        outcome({}),
        outcome({ repeat: true }),
        outcome({ refused: 'MATCH_ENDED' }),
      ],
    });
    metrics.ticks.failed(3);
    metrics.ticks.refusedAtTheDoor();
    metrics.flush.flushed({ cause: 'timer', ms: 30, rows: 101, refused: 2, parked: ['p'], batches: 1 });
    metrics.flush.failed('threshold');
    metrics.finals.stored(10, 4);
    metrics.finals.refused(1);
    metrics.finals.failed(2);
    metrics.finals.pending(6);
    metrics.gateway.opened();
    metrics.gateway.opened();
    metrics.gateway.closed(1000);
    metrics.gateway.closed(4999);
    metrics.gateway.opened();
    metrics.gateway.refused(401);
    metrics.gateway.received(16);
    metrics.gateway.sent(900);
    metrics.gateway.failed('RATE_LIMITED');
    metrics.gateway.pushed('delta', 500);
    metrics.http.answered({ method: 'GET', route: '/v1/boards', status: 200, ms: 3 });
    const text = await metrics.text();
    expect(Object.fromEntries(SERIES.map(([series]) => [series, value(text, series)]))).toEqual(
      Object.fromEntries(SERIES),
    );
    // Scraping again adds nothing.
    expect(value(await metrics.text(), 'photofinish_tick_ticks_total{outcome="improved"}')).toBe(2);
  });

  it('[OB2] the consistency window is measured at the scrape, over all live seasons', async () => {
    const metrics = createMetrics({ processMetrics: false });
    let asked = 0;
    let windows: { dirty: number; oldestDirtyMs: number }[] | Error = [];
    metrics.watchWindows(async () => {
      asked++;
      if (windows instanceof Error) throw windows;
      return windows;
    });
    const read = async () => {
      const text = await metrics.text();
      return [
        value(text, 'photofinish_flush_oldest_dirty_seconds'),
        value(text, 'photofinish_flush_dirty_entries'),
      ];
    };
    expect(await read()).toEqual([0, 0]);
    windows = [
      { dirty: 3, oldestDirtyMs: 250 },
      { dirty: 4, oldestDirtyMs: 1_500 },
    ];
    expect(await read()).toEqual([1.5, 7]);
    expect(asked).toBe(2);
    windows = new Error('redis is down');
    expect(await read()).toEqual([Number.NaN, Number.NaN]);
  });

  it('[OB2] a scrape answers although Redis does not', async () => {
    const metrics = createMetrics({ processMetrics: false });
    metrics.watchWindows(() => new Promise(() => {}));
    expect(value(await metrics.text(), 'photofinish_flush_dirty_entries')).toBeNaN();
  });

  it('[OB3] names follow one pattern, every metric is defined, and no label can hold an id', async () => {
    const metrics = createMetrics({ processMetrics: true });
    metrics.watchWindows(async () => []);
    metrics.watchSubscriptions(() => 3);
    const text = await metrics.text();
    expect(value(text, 'photofinish_gateway_subscriptions')).toBe(3);
    const names = [...text.matchAll(/^# TYPE (photofinish\S*) (\w+)$/gm)];
    expect(names.length).toBeGreaterThan(15);
    for (const [, name = '', type] of names) {
      expect(name).toMatch(
        /^photofinish_(?:flush|tick|final|gateway|http|reconcile|evict|guarantee|season|match|alerts?)_[a-z]+(?:_[a-z]+)*$/,
      );
      expect(name.endsWith('_total'), name).toBe(type === 'counter');
      expect(text).toMatch(new RegExp(`^# HELP ${name} \\S.{15,}$`, 'm'));
    }
    const labels = new Set(
      [...text.matchAll(/^photofinish\S*\{(.+)\} /gm)].flatMap(([, list = '']) =>
        [...list.matchAll(/(\w+)="/g)].map(([, name]) => name),
      ),
    );
    for (const label of labels)
      expect(['cause', 'result', 'outcome', 'code', 'status', 'direction', 'kind', 'alert', 'le']).toContain(
        label,
      );
    expect(text).toContain('process_cpu_user_seconds_total');
  });
});

const SERIES: [string, number][] = [
  ['photofinish_tick_ticks_total{outcome="improved"}', 2],
  ['photofinish_tick_ticks_total{outcome="unchanged"}', 1],
  ['photofinish_tick_ticks_total{outcome="repeat"}', 1],
  ['photofinish_tick_ticks_total{outcome="refused"}', 1],
  ['photofinish_tick_ticks_total{outcome="rejected"}', 1],
  ['photofinish_tick_ticks_total{outcome="failed"}', 3],
  ['photofinish_tick_batch_ticks_sum', 5],
  ['photofinish_tick_batch_seconds_bucket{le="0.005"}', 1],
  ['photofinish_flush_passes_total{cause="timer"}', 1],
  ['photofinish_flush_passes_total{cause="admin"}', 0],
  ['photofinish_flush_failures_total{cause="threshold"}', 1],
  ['photofinish_flush_rows_total{result="written"}', 98],
  ['photofinish_flush_rows_total{result="refused"}', 2],
  ['photofinish_flush_rows_total{result="parked"}', 1],
  ['photofinish_flush_transactions_total{result="committed"}', 1],
  ['photofinish_flush_pass_seconds_sum', 0.03],
  ['photofinish_final_finals_total{outcome="stored"}', 6],
  ['photofinish_final_finals_total{outcome="duplicate"}', 4],
  ['photofinish_final_finals_total{outcome="refused"}', 1],
  ['photofinish_final_finals_total{outcome="failed"}', 2],
  ['photofinish_final_pending_finals', 6],
  ['photofinish_gateway_sessions', 1],
  ['photofinish_gateway_closes_total{code="1000"}', 1],
  ['photofinish_gateway_closes_total{code="other"}', 1],
  ['photofinish_gateway_refusals_total{status="401"}', 1],
  ['photofinish_gateway_frames_total{direction="in"}', 1],
  ['photofinish_gateway_documents_total{direction="in"}', 16],
  ['photofinish_gateway_characters_total{direction="out"}', 900],
  ['photofinish_gateway_errors_total{code="RATE_LIMITED"}', 1],
  ['photofinish_gateway_pushes_total{kind="delta"}', 500],
  ['photofinish_http_requests_total{method="GET",route="/v1/boards",status="2xx"}', 1],
];
