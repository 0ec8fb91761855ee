/** npm run bench: measures the product beside its baselines, and says whether the goals are met. */
import { execFileSync } from 'node:child_process';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { onStopSignal } from '../../server/src/stop-signals.ts';
import { BenchFailure, WrongResult } from './failure.ts';
import { loadNow } from './machine.ts';
import { type Options, readOptions, USAGE } from './options.ts';
import { Progress } from './progress.ts';
import { toJson } from './report.ts';
import { ROOT } from './root.ts';
import { runBench } from './run.ts';
import { tableOf, verdictOf } from './table.ts';
import { stopServices } from './world.ts';

const MISSED = 1;
const WRONG_ARGUMENTS = 2;
const FAILED = 3;

function options(): Options {
  try {
    const read = readOptions(process.argv.slice(2));
    if (read.help) {
      console.log(USAGE);
      process.exit(0);
    }
    // Found out now, and not when all is measured.
    if (read.json !== undefined) writeFileSync(read.json, '', { flag: 'a' });
    return read;
  } catch (error) {
    console.error(`bench: ${(error as Error).message}\nnpm run bench -- --help tells what there is`);
    process.exit(WRONG_ARGUMENTS);
  }
}

const { scale, only, json, profile } = options();
const progress = new Progress();
let interrupted = false;

/** A report that was not written leaves no empty file behind. */
function end(code: number): never {
  if (json !== undefined && statSync(json, { throwIfNoEntry: false })?.size === 0) rmSync(json);
  process.exit(code);
}

onStopSignal((_, code) => {
  interrupted = true;
  progress.clear();
  console.error('bench: interrupted; nothing was written. Ending the databases');
  stopServices().finally(() => end(code));
});
try {
  // The build is load too.
  const loadBefore = loadNow();
  progress.tell('building the server');
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
  const report = await runBench({
    ...{ scale, only, program: 'built', profile, loadBefore, tell: (what) => progress.tell(what) },
  });
  progress.clear();
  console.log(`${tableOf(report)}\n\n${verdictOf(report)}`);
  if (json !== undefined) {
    writeFileSync(json, toJson(report));
    console.log(`Report: ${json}`);
  }
  const missed = Object.values(report.ratios).some((ratio) => !ratio.ok);
  process.exit(missed && scale.name === 'full' ? MISSED : 0);
} catch (error) {
  // What failed because its databases were ended says nothing.
  if (interrupted) await new Promise(() => undefined);
  progress.clear();
  if (error instanceof WrongResult)
    console.error(`bench: WRONG RESULT, nothing was measured. ${error.message}`);
  else if (error instanceof BenchFailure) console.error(`bench: ${error.message}`);
  else console.error(error);
  end(FAILED);
}
