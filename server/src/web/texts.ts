/** Numbers and times as the page writes them. The page speaks English, so it groups digits the English way everywhere. */
const INTEGER = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const CLOCK_SECONDS = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const FULL = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

export const integerText = (value: number): string => INTEGER.format(value);
/** @param scale decimals of the board: with 2, 1250 is 12.50. Digit by digit, because a division would round large scores. */
export function scoreText(score: number, scale: number): string {
  if (scale === 0) return integerText(score);
  const digits = String(Math.abs(score)).padStart(scale + 1, '0');
  const whole = INTEGER.format(BigInt(digits.slice(0, -scale)));
  return `${score < 0 ? '-' : ''}${whole}.${digits.slice(-scale)}`;
}

export const clockText = (at: number): string => CLOCK_SECONDS.format(at);
export const fullTimeText = (at: number): string => FULL.format(at);

export const countText = (count: number, one: string, many: string): string =>
  `${integerText(count)} ${count === 1 ? one : many}`;

/** A length of time: tenths of a second while it is short, whole minutes when it is long. */
export function durationText(ms: number): string {
  if (ms < MINUTE) return `${(Math.max(0, ms) / SECOND).toFixed(1)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min ${Math.floor((ms % MINUTE) / SECOND)} s`;
  return `${Math.floor(ms / HOUR)} h ${Math.floor((ms % HOUR) / MINUTE)} min`;
}

/** An interval that somebody configured: no more digits than it has. */
export const intervalText = (ms: number): string =>
  ms < SECOND ? `${ms} ms` : ms % MINUTE === 0 ? `${ms / MINUTE} min` : `${ms / SECOND} s`;

/** When a score was reached. In steps of ten seconds at first, so that a table of them does not flicker. */
export function reachedText(at: number, now: number): string {
  const age = now - at;
  if (age < 10 * SECOND) return 'just now';
  if (age < MINUTE) return `${Math.floor(age / (10 * SECOND)) * 10} s ago`;
  if (age < HOUR) return `${Math.floor(age / MINUTE)} min ago`;
  if (age < 12 * HOUR) return CLOCK.format(at);
  return DAY.format(at);
}
