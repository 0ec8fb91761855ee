import { boardSchema } from '@photofinish/shared/domain/board';
import { Fault } from '@photofinish/shared/protocol/errors';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assertSchedule, boundariesAround, boundaryAfter } from '../../../server/src/season/schedule.ts';

const at = (iso: string) => Date.parse(iso);
const iso = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms).toISOString());

function boundaries(schedule: string, timeZone: string, from: string, count: number): (string | undefined)[] {
  const found: (string | undefined)[] = [];
  let now: number | undefined = at(from);
  for (let i = 0; i < count && now !== undefined; i++) {
    now = boundaryAfter({ schedule, timeZone }, now);
    found.push(iso(now));
  }
  return found;
}

describe('boundaries over clock changes', () => {
  test('[SS1] a weekly boundary is at the same local time before and after the clocks change', () => {
    expect(boundaries('0 0 * * 1', 'Europe/Berlin', '2026-03-20T00:00:00Z', 3)).toEqual([
      '2026-03-22T23:00:00.000Z',
      '2026-03-29T22:00:00.000Z',
      '2026-04-05T22:00:00.000Z',
    ]);
    expect(boundaries('0 18 * * 0', 'America/New_York', '2026-10-26T00:00:00Z', 2)).toEqual([
      '2026-11-01T23:00:00.000Z',
      '2026-11-08T23:00:00.000Z',
    ]);
  });

  test('[SS1] a local time that is skipped comes at the change, once, and the days around it are as ever', () => {
    expect(boundaries('30 2 * * *', 'Europe/Berlin', '2026-03-28T00:00:00Z', 3)).toEqual([
      '2026-03-28T01:30:00.000Z',
      '2026-03-29T01:00:00.000Z',
      '2026-03-30T00:30:00.000Z',
    ]);
    expect(boundaries('30 2 * * *', 'America/New_York', '2026-03-07T00:00:00Z', 3)).toEqual([
      '2026-03-07T07:30:00.000Z',
      '2026-03-08T07:00:00.000Z',
      '2026-03-09T06:30:00.000Z',
    ]);
  });

  test('[SS1] a local time that comes twice comes the first time only', () => {
    expect(boundaries('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', 2)).toEqual([
      '2026-10-25T00:30:00.000Z',
      '2026-10-26T01:30:00.000Z',
    ]);
    expect(boundaries('30 1 * * *', 'America/New_York', '2026-10-31T12:00:00Z', 2)).toEqual([
      '2026-11-01T05:30:00.000Z',
      '2026-11-02T06:30:00.000Z',
    ]);
  });

  test('[SS1] hourly boundaries are an hour apart, in the hour that comes twice too', () => {
    const hours = boundaries('0 * * * *', 'Europe/Berlin', '2026-10-24T22:30:00Z', 6);
    expect(hours.map((each) => at(each ?? ''))).toEqual(
      hours.map((_, i) => at('2026-10-24T23:00:00Z') + i * 3_600_000),
    );
  });

  const schedules = [
    '* * * * *',
    '*/15 * * * *',
    '0 * * * *',
    '30 1 * * *',
    '30 2 * * *',
    '0 3 * * *',
  ].concat(['0 0 * * 1', '59 23 L * *', '0 2 * * 0', '15 2-4 * * *', '@daily', '@weekly', '@monthly']);
  const zones = ['Europe/Berlin', 'America/New_York', 'UTC', 'Australia/Lord_Howe', 'Asia/Kathmandu'];
  // Half of the moments are within two days of a clock change.
  const changes = ['2026-03-29T01:00Z', '2026-10-25T01:00Z', '2026-03-08T07:00Z', '2026-11-01T06:00Z'].map(
    at,
  );
  const moment = fc.oneof(
    fc.integer({ min: at('2024-01-01T00:00Z'), max: at('2032-01-01T00:00Z') }),
    fc
      .tuple(fc.constantFrom(...changes), fc.integer({ min: -172_800_000, max: 172_800_000 }))
      .map(([change, off]) => change + off),
  );

  /** Asked from another decade first, or the answer would be the one that is remembered. */
  function around(rules: { schedule: string; timeZone: string }, now: number) {
    boundariesAround(rules, at('2041-06-01T00:00Z'));
    return boundariesAround(rules, now);
  }

  test('[SS2] around any moment there is one boundary before and one after, with none between, a minute apart at least', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...schedules),
        fc.constantFrom(...zones),
        moment,
        (schedule, timeZone, now) => {
          const rules = { schedule, timeZone };
          const { previous = Number.NaN, next = Number.NaN } = around(rules, now);
          expect(previous).toBeLessThanOrEqual(now);
          expect(next).toBeGreaterThan(now);
          expect(next - previous).toBeGreaterThanOrEqual(60_000);
          expect(next % 60_000).toBe(0);
          expect(around(rules, previous)).toEqual({ previous, next });
          expect(around(rules, next - 1)).toEqual({ previous, next });
          expect(around(rules, next).previous).toBe(next);
          expect(boundaryAfter(rules, next)).toBeGreaterThanOrEqual(next + 60_000);
        },
      ),
      { numRuns: 400, verbose: 1 },
    );
  });

  test('[SS2] a board without a schedule has no boundary', () => {
    expect(boundariesAround({ timeZone: 'UTC' }, 0)).toEqual({ previous: undefined, next: undefined });
  });
});

describe('a schedule that cannot be', () => {
  const refused = (season: { schedule?: string; timeZone?: string }) => {
    try {
      assertSchedule(boardSchema.parse({ id: 'b', title: 'B', season }));
    } catch (error) {
      if (error instanceof Fault) return { field: error.detail.field, message: error.message };
      throw error;
    }
    return 'taken';
  };

  test.each([
    ['every monday', 'season.schedule'],
    ['60 * * * *', 'season.schedule'],
    ['* * * *', 'season.schedule'],
    ['*/5 * * * * *', 'season.schedule'],
    ['0 0 1 1 * * 2020', 'season.schedule'],
    ['0 0 30 2 *', 'season.schedule'],
  ])('[SS3] %s is refused by name', (schedule, field) => {
    expect(refused({ schedule })).toMatchObject({
      field,
      message: expect.stringContaining(`${JSON.stringify(schedule)}`),
    });
  });

  test('[SS3] a time zone that does not exist is refused by name, with a schedule and without', () => {
    const answer = { field: 'season.timeZone', message: expect.stringContaining('Mars/Base') };
    expect(refused({ schedule: '0 0 * * *', timeZone: 'Mars/Base' })).toMatchObject(answer);
    expect(refused({ timeZone: 'Mars/Base' })).toMatchObject(answer);
  });

  test('[SS3] good ones are taken', () => {
    expect(refused({ schedule: '0 0 * * 1', timeZone: 'America/New_York' })).toBe('taken');
    expect(refused({ schedule: '@monthly' })).toBe('taken');
    expect(refused({})).toBe('taken');
  });
});
