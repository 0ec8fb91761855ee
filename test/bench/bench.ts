/** npm run bench: measures the product beside its baselines, and says whether the goals are met. */
import { writeFileSync } from 'node:fs';
import { BenchFailure, WrongResult } from './failure.ts';
import { type Options, readOptions, USAGE } from './options.ts';
import { Progress } from './progress.ts';
import { toJson } from './report.ts';
import { runBench } from './run.ts';
import { tableOf, verdictOf } from './table.ts';

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
    console.error(`bench: ${(error as Error).message}\n\n${USAGE}`);
    process.exit(WRONG_ARGUMENTS);
  }
}

const { scale, only, json, profile } = options();
const progress = new Progress();
// The databases are ended on the way out.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(FAILED));
try {
  const report = await runBench({
    ...{ scale, only, program: 'built', profile, tell: (what) => progress.tell(what) },
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
  progress.clear();
  if (error instanceof WrongResult)
    console.error(`bench: WRONG RESULT, nothing was measured. ${error.message}`);
  else if (error instanceof BenchFailure) console.error(`bench: ${error.message}`);
  else console.error(error);
  process.exit(FAILED);
}
