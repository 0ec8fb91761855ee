/** When the seasons of a board with a schedule end and begin: cron expressions in an IANA time zone.
 *
 *  Over a clock change: a local time that is skipped comes at the moment of the change, and one that comes twice comes the first time.
 *  So a daily, weekly or monthly schedule has one boundary for each of its days, and all boundaries are a minute apart at least. */
import type { Board } from '@photofinish/shared/domain/board';
import { Fault } from '@photofinish/shared/protocol/errors';
import { Cron } from 'croner';

export type SeasonRules = Board['season'];

/** In milliseconds. undefined: there is none, because seasons are opened by hand. */
export interface Boundaries {
  previous: number | undefined;
  next: number | undefined;
}

interface Known {
  cron: Cron;
  /** The boundaries around the moment that was asked for last. */
  around?: Boundaries;
}

/** A thousand boards with schedules of their own; past it all are forgotten, and each costs half a millisecond again. */
const KNOWN_MAX = 1_000;
const known = new Map<string, Known>();

const FIVE_FIELDS = 'cron with five fields (minute hour day month weekday), or @daily, @weekly, @monthly';
const IANA = 'an IANA name, as UTC, Europe/Berlin or America/New_York';

/** @throws Fault INVALID_REQUEST that names the field and the fix */
export function assertSchedule({ season: rules }: Pick<Board, 'season'>): void {
  if (!isTimeZone(rules.timeZone))
    throw new Fault('INVALID_REQUEST', `season.timeZone: ${rules.timeZone} is no time zone; use ${IANA}`, {
      field: 'season.timeZone',
      limit: IANA,
      fix: 'use the name of the IANA time zone database',
    });
  if (rules.schedule === undefined) return;
  const wrong = (problem: string) =>
    new Fault('INVALID_REQUEST', `season.schedule: ${problem}; use ${FIVE_FIELDS}`, {
      field: 'season.schedule',
      limit: 'five fields, so one boundary a minute at most',
      fix: 'as 0 0 * * 1, every Monday at midnight',
    });
  let next: Date | null;
  try {
    next = cronOf(rules.schedule, rules.timeZone).nextRun();
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^CronPattern: /, '') : 'it cannot be read';
    throw wrong(`${JSON.stringify(rules.schedule)} is no schedule: ${reason.slice(0, 200)}`);
  }
  if (!next) throw wrong(`${JSON.stringify(rules.schedule)} never comes`);
}

/** The first boundary later than `at`. */
export const boundaryAfter = (rules: SeasonRules, at: number): number | undefined =>
  boundariesAround(rules, at).next;

/** The last boundary at or before `at`, and the first one after it. */
export function boundariesAround(rules: SeasonRules, at: number): Boundaries {
  const { schedule, timeZone } = rules;
  if (schedule === undefined) return { previous: undefined, next: undefined };
  const of = knownOf(schedule, timeZone);
  const { previous, next } = of.around ?? {};
  if (previous === undefined || next === undefined || at < previous || at >= next)
    of.around = computed(of.cron, at);
  return of.around ?? { previous, next };
}

function computed(cron: Cron, at: number): Boundaries {
  const next = cron.nextRun(new Date(at))?.getTime();
  const previous = cron.previousRuns(1, new Date(at + 1))[0]?.getTime();
  return { previous, next };
}

function knownOf(schedule: string, timeZone: string): Known {
  const key = `${timeZone} ${schedule}`;
  let found = known.get(key);
  if (!found) {
    if (known.size >= KNOWN_MAX) known.clear();
    found = { cron: cronOf(schedule, timeZone) };
    known.set(key, found);
  }
  return found;
}

/** Paused: it is asked for times, and runs nothing. */
const cronOf = (schedule: string, timezone: string): Cron =>
  new Cron(schedule, { timezone, mode: '5-part', paused: true });

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
