/** One database server as a child process: started, awaited, ended in order.
 *
 *  It runs in a process group of its own, so Ctrl-C in the terminal reaches us and not it: the server drains first and
 *  its databases end last. It logs to a file and not to a pipe of ours, so it outlives our `kill -9` undamaged and the
 *  next start ends it. When we exit without `stop`, it is told to end on the way out. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type RunningProcess, runningProcesses } from './process-table.ts';
import { LocalServiceError } from './service.ts';

export interface StopStep {
  signal: NodeJS.Signals;
  waitMs: number;
}

export interface Launch {
  program: string;
  args: string[];
  env: Record<string, string>;
  cwd: string;
  /** Both outputs of the service are appended here. */
  logFile: string;
  uid?: number | undefined;
  gid?: number | undefined;
  /** Tried in turn until the process is gone; the first is the orderly way. Each is followed by SIGCONT: a frozen process would
   *  take no notice until the last, which saves nothing. */
  stopSteps: readonly StopStep[];
}

/** A log past this is begun anew at the next start. Raise it and a newcomer's disk fills with lines that nobody reads. */
const LOG_BYTES_MAX = 1_000_000;
const LOG_TAIL_LINES = 12;
const POLL_MS = 10;
/** A look at the whole process table costs a few milliseconds. */
const SCAN_MS = 25;

function openLog(file: string): number {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  return openSync(file, size > LOG_BYTES_MAX ? 'w' : 'a', 0o600);
}

export class ServiceProcess {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #launch: Launch;
  readonly #logStart: number;
  #stopping: Promise<void> | undefined;

  readonly #endWithUs = (): void => {
    this.#child.kill(this.#launch.stopSteps[0]?.signal ?? 'SIGTERM');
  };

  private constructor(child: ChildProcess, pid: number, launch: Launch, logStart: number) {
    this.#child = child;
    this.pid = pid;
    this.#launch = launch;
    this.#logStart = logStart;
    process.once('exit', this.#endWithUs);
    child.once('exit', () => process.removeListener('exit', this.#endWithUs));
    child.unref();
  }

  /** Throws a LocalServiceError when the program cannot be run at all. */
  static async launch(launch: Launch): Promise<ServiceProcess> {
    const log = openLog(launch.logFile);
    const logStart = statSync(launch.logFile).size;
    try {
      const child = spawn(launch.program, launch.args, {
        cwd: launch.cwd,
        env: launch.env,
        detached: true,
        stdio: ['ignore', log, log],
        ...(launch.uid === undefined ? {} : { uid: launch.uid }),
        ...(launch.gid === undefined ? {} : { gid: launch.gid }),
      });
      await once(child, 'spawn');
      if (child.pid === undefined) throw new Error('it has no pid');
      return new ServiceProcess(child, child.pid, launch, logStart);
    } catch (error) {
      throw new LocalServiceError(`${launch.program} cannot be run: ${(error as Error).message}`, {
        cause: error,
      });
    } finally {
      closeSync(log);
    }
  }

  get ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** What this run wrote to its log. */
  output(): string {
    return readFileSync(this.#launch.logFile).subarray(this.#logStart).toString('utf8');
  }

  /** The end of `output`, for an error message. */
  lastWords(): string {
    return this.output().trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n');
  }

  note(line: string): void {
    const log = openSync(this.#launch.logFile, 'a', 0o600);
    writeSync(log, `${line}\n`);
    closeSync(log);
  }

  /** 'ready' once `probe` says so, 'ended' if the process ends first, 'late' after `timeoutMs`. */
  async waitFor(
    probe: () => boolean | Promise<boolean>,
    timeoutMs: number,
  ): Promise<'ready' | 'ended' | 'late'> {
    const deadline = Date.now() + timeoutMs;
    while (Date.now() < deadline) {
      if (this.ended) return 'ended';
      if (await probe()) return 'ready';
      await delay(POLL_MS);
    }
    return 'late';
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#child.ref();
    for (const { signal, waitMs } of this.#launch.stopSteps) {
      if (this.ended) return;
      const exited = once(this.#child, 'exit');
      this.#child.kill(signal);
      this.#child.kill('SIGCONT');
      const giveUp = new AbortController();
      await Promise.race([
        exited,
        delay(waitMs, undefined, { signal: giveUp.signal }).catch(() => undefined),
      ]);
      giveUp.abort();
    }
    if (!this.ended)
      throw new LocalServiceError(
        `${this.#launch.program}, process ${this.pid}, does not end; end it by hand`,
      );
  }
}

/** Ends processes that a killed parent left behind, and waits until they are gone. Only those that `isOurs` recognizes
 *  are ever signalled, and it is asked again before each signal. Answers their pids. */
export async function endLeftovers(
  isOurs: (found: RunningProcess) => boolean,
  stopSteps: readonly StopStep[],
): Promise<number[]> {
  const leftovers = (): RunningProcess[] => runningProcesses().filter(isOurs);
  const found = leftovers().map(({ pid }) => pid);
  for (const { signal, waitMs } of stopSteps) {
    const running = leftovers();
    if (running.length === 0) return found;
    for (const { pid } of running) {
      try {
        process.kill(pid, signal);
        process.kill(pid, 'SIGCONT');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ESRCH') continue;
        throw new LocalServiceError(
          `process ${pid} is left over from an earlier run and we may not end it; end it by hand: kill ${pid}`,
        );
      }
    }
    const deadline = Date.now() + waitMs;
    while (leftovers().length > 0 && Date.now() < deadline) await delay(SCAN_MS);
  }
  const stubborn = leftovers().map(({ pid }) => pid);
  if (stubborn.length === 0) return found;
  throw new LocalServiceError(
    `left over from an earlier run and not ending: process ${stubborn.join(', ')}; end it by hand: kill -9 ${stubborn.join(' ')}`,
  );
}
