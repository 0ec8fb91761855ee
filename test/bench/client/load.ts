/** The two ways to load a server. Both measure between two looks at the clock and at the processor times of everyone involved. */
import { build, type Histogram } from 'hdr-histogram-js';
import { cpuUs } from '../cpu.ts';
import type { Post, Station } from './station.ts';
import { startTicker } from './ticker.ts';

export interface Window {
  warmMs: number;
  measureMs: number;
  /** Whose processor time is read. */
  pids: Readonly<Record<string, number>>;
}

export interface Measured {
  /** Documents that were answered in the window. */
  answered: number;
  ms: number;
  /** Of each of `pids`, within the window. */
  cpuUs: Record<string, number>;
  clientShare: number;
}

/** After the window: what is under way must be answered, or it cannot be held against the stores. */
const DRAIN_MS = 30_000;

/** Closed loop: each connection keeps so many frames under way. Tells what the server can do at most. */
export async function saturate(station: Station, inFlight: number, window: Window): Promise<Measured> {
  let going = true;
  station.onAnswers = (post, frames) => {
    if (going && station.failure === undefined) station.send(post, frames);
  };
  for (const post of station.posts) station.send(post, inFlight - post.underWay);
  const measured = await inWindow(station, window);
  going = false;
  await drained(station);
  return measured;
}

/** What takes longer counts as so long. */
const LATENCY_MAX_US = 30_000_000;

/** Microseconds, to three digits. */
const histogram = (): Histogram =>
  build({
    ...{ lowestDiscernibleValue: 1, highestTrackableValue: LATENCY_MAX_US },
    numberOfSignificantValueDigits: 3,
  });

export interface Latency extends Measured {
  p50Us: number;
  p99Us: number;
  p999Us: number;
  /** How late sending was, which counts as latency. */
  lateP99Us: number;
}

/** Open loop: frames are due in groups, one each millisecond, whatever has been answered; an ack's latency counts from the moment its
 *  frame was due, so that a server that stalls is not asked less. Every frame that was due in the window is recorded, also where its ack
 *  comes after it: a stall across the end counts. */
export async function pace(station: Station, perSecond: number, window: Window): Promise<Latency> {
  const [latency, late] = [histogram(), histogram()];
  const due = new Map<Post, number[]>(station.posts.map((post) => [post, []]));
  let [from, until] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const record = (into: Histogram, time: number, now: number) => {
    if (time >= from && time < until)
      into.recordValue(Math.min(LATENCY_MAX_US, Math.max(1, Math.round((now - time) * 1_000))));
  };
  station.onAnswers = (post, frames) => {
    const now = performance.now();
    for (const time of due.get(post)?.splice(0, frames) ?? []) record(latency, time, now);
  };
  const startedAt = performance.now();
  let sent = 0;
  let next = 0;
  const sendDue = () => {
    const now = performance.now();
    for (let group = Math.floor((sent * 1_000) / perSecond); startedAt + group <= now; group++) {
      const groupDue = startedAt + group;
      const total = Math.floor(((group + 1) * perSecond) / 1_000);
      if (total > sent) record(late, groupDue, now);
      for (; sent < total; sent++) {
        const post = station.posts[next++ % station.posts.length] as Post;
        due.get(post)?.push(groupDue);
        station.send(post, 1);
      }
    }
  };
  const stop = startTicker(() => {
    if (station.failure === undefined) sendDue();
  });
  const measured = await inWindow(station, window, () => {
    from = performance.now();
  });
  until = performance.now();
  stop();
  // What was due before the end and has not been sent: the thread may have been late.
  sendDue();
  await drained(station);
  return {
    ...measured,
    p50Us: latency.getValueAtPercentile(50),
    p99Us: latency.getValueAtPercentile(99),
    p999Us: latency.getValueAtPercentile(99.9),
    lateP99Us: late.getValueAtPercentile(99),
  };
}

async function inWindow(
  station: { answered: number; failure: Error | undefined },
  { warmMs, measureMs, pids }: Window,
  begin: () => void = () => undefined,
): Promise<Measured> {
  await sleep(warmMs);
  const before = look(station, pids);
  begin();
  await sleep(measureMs);
  const after = look(station, pids);
  if (station.failure) throw station.failure;
  const ms = after.at - before.at;
  return {
    answered: after.answered - before.answered,
    ms,
    cpuUs: Object.fromEntries(
      Object.keys(pids).map((name) => [name, (after.cpu[name] ?? 0) - (before.cpu[name] ?? 0)]),
    ),
    clientShare: (after.own - before.own) / (ms * 1_000),
  };
}

function look(station: { answered: number }, pids: Window['pids']) {
  const { user, system } = process.cpuUsage();
  return {
    at: performance.now(),
    answered: station.answered,
    own: user + system,
    cpu: Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, cpuUs(pid)])),
  };
}

async function drained(station: Station): Promise<void> {
  const deadline = performance.now() + DRAIN_MS;
  while (station.underWay > 0) {
    if (station.failure) throw station.failure;
    if (performance.now() > deadline)
      throw new Error(
        `${station.underWay} frames were not answered within ${DRAIN_MS / 1_000} s after the load`,
      );
    await sleep(5);
  }
  if (station.failure) throw station.failure;
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
export { inWindow };
