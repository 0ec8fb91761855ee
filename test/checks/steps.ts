/** Runs commands side by side and tells each one's outcome in a line; a failed one's whole output follows. */
import { spawn } from 'node:child_process';

export interface Step {
  name: string;
  command: string;
  args: readonly string[];
}

export interface StepOutcome {
  name: string;
  ok: boolean;
  ms: number;
  output: string;
}

/** A check that hangs must not hang the caller for ever. */
const STEP_TIMEOUT_MS = 180_000;

function run(step: Step, cwd: string): Promise<StepOutcome> {
  const begun = performance.now();
  return new Promise((done) => {
    const chunks: Buffer[] = [];
    const child = spawn(step.command, step.args, {
      cwd,
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), STEP_TIMEOUT_MS);
    const finish = (ok: boolean, remark: string) => {
      clearTimeout(timer);
      const output = Buffer.concat(chunks).toString() + remark;
      done({ name: step.name, ok, ms: performance.now() - begun, output });
    };
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', (error) => finish(false, error.message));
    child.on('close', (code, signal) =>
      finish(code === 0, signal ? `ended by ${signal}; the limit is ${STEP_TIMEOUT_MS} ms` : ''),
    );
  });
}

const line = (outcome: StepOutcome): string =>
  `${outcome.ok ? 'ok  ' : 'FAIL'} ${outcome.name.padEnd(28)} ${(outcome.ms / 1000).toFixed(1).padStart(5)} s`;

/** At most `width` at once, begun in the order given. */
export async function runSteps(
  steps: readonly Step[],
  how: { cwd: string; width: number; tell: (text: string) => void },
): Promise<StepOutcome[]> {
  const waiting = [...steps];
  const outcomes: StepOutcome[] = [];
  const worker = async () => {
    for (let step = waiting.shift(); step; step = waiting.shift()) {
      const outcome = await run(step, how.cwd);
      outcomes.push(outcome);
      how.tell(line(outcome));
    }
  };
  await Promise.all(Array.from({ length: how.width }, worker));
  for (const outcome of outcomes)
    if (!outcome.ok) how.tell(`\n--- ${outcome.name}\n${outcome.output.trimEnd()}`);
  return outcomes;
}
