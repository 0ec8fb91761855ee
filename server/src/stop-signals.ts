/** What ends a process from outside, told once. A terminal hands Ctrl-C to all of its processes and npm hands it on to the one that it
 *  started, which then gets it twice within milliseconds: that is one wish and no second one. */

const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
export type StopSignal = keyof typeof EXIT_CODES;

/** Longer than a signal takes through npm on a busy machine, shorter than who presses Ctrl-C again because nothing happens. */
const SAME_WISH_MS = 500;

/** @param stop is called once. The default action of these signals is off from here on: `stop` must end the process.
 *  @param again is called for each later wish: by default the process ends at once */
export function onStopSignal(
  stop: (signal: StopSignal, exitCode: number) => void,
  again: (exitCode: number) => void = (exitCode) => process.exit(exitCode),
): void {
  let toldAt: number | undefined;
  const told = (signal: StopSignal) => {
    const now = performance.now();
    if (toldAt === undefined) stop(signal, EXIT_CODES[signal]);
    else if (now - toldAt > SAME_WISH_MS) again(EXIT_CODES[signal]);
    toldAt ??= now;
  };
  process.on('SIGINT', () => told('SIGINT'));
  process.on('SIGTERM', () => told('SIGTERM'));
  // What a terminal shows ends with it; what runs behind one (nohup) goes on.
  if (process.stdout.isTTY) process.on('SIGHUP', () => told('SIGHUP'));
}

/** Resolves with the exit code for the first signal. */
export const stopSignal = (): Promise<number> =>
  new Promise((resolve) => onStopSignal((_, exitCode) => resolve(exitCode)));
