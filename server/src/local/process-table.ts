/** What the operating system says of other processes, on Linux (/proc) and macOS (ps).
 *
 *  A pid alone proves nothing: it may have been given to a stranger since, or be a zombie that nobody reaps (usual in
 *  containers). Hence the start time beside it, and the command line before anything is signalled. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface RunningProcess {
  pid: number;
  /** Program and arguments, a space between each. */
  commandLine: string;
  /** Working directory where the system tells it. */
  cwd: string | undefined;
}

const hasProc = existsSync('/proc/self/stat');

const orUndefined = <T>(read: () => T): T | undefined => {
  try {
    return read();
  } catch {
    return undefined;
  }
};

const ps = (args: string[]): string =>
  orUndefined(() =>
    execFileSync('ps', args, { encoding: 'utf8', timeout: 5_000, stdio: ['ignore', 'pipe', 'ignore'] }),
  ) ?? '';

/** When the living process with this pid started, in the system's own words; undefined if there is none. Two processes
 *  that had the same pid differ in it. */
export function startOf(pid: number): string | undefined {
  if (!hasProc) {
    const line = ps(['-o', 'state=,lstart=', '-p', String(pid)]).trim();
    return line === '' || line.startsWith('Z') ? undefined : line.replace(/^\S+\s+/, '');
  }
  const stat = orUndefined(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  // The second field is the program's name in brackets and may hold anything, so count from the last bracket.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startTicks] = [fields?.[0], fields?.[19]];
  return state === 'Z' || state === 'X' ? undefined : startTicks;
}

/** Whether a signal could be sent to this pid, zombies included: what C programs take for "it runs". */
export function pidIsTaken(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function linuxProcess(pid: number): RunningProcess | undefined {
  const line = orUndefined(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
  if (line === undefined || line === '') return undefined;
  const commandLine = line.replace(/\0+$/, '').replaceAll('\0', ' ');
  return { pid, commandLine, cwd: orUndefined(() => readlinkSync(`/proc/${pid}/cwd`)) };
}

/** All living processes that we may see. A few milliseconds; for start and stop only. */
export function runningProcesses(): RunningProcess[] {
  if (hasProc) {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => linuxProcess(Number(name)))
      .filter((found) => found !== undefined);
  }
  return ps(['-A', '-ww', '-o', 'pid=,args='])
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(.*)$/.exec(line))
    .filter((match) => match !== null)
    .map((match) => ({ pid: Number(match[1]), commandLine: match[2] ?? '', cwd: undefined }));
}
