/** Processor time of other processes, as the kernel counts it. Linux. */
import { readdirSync, readFileSync } from 'node:fs';

/** Of all threads of a process so far, in microseconds. Threads that have ended do not count: take differences over times in
 *  which a process starts and ends none. */
export function cpuUs(pid: number): number {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`))
    nanoseconds += threadNs(`/proc/${pid}/task/${thread}`);
  return nanoseconds / 1_000;
}

/** Of its first thread alone: in Redis, the one that runs commands. */
export const mainThreadUs = (pid: number): number => threadNs(`/proc/${pid}/task/${pid}`) / 1_000;

function threadNs(folder: string): number {
  try {
    return Number(readFileSync(`${folder}/schedstat`, 'latin1').split(' ', 1)[0]);
  } catch {
    return 0;
  }
}
