/** npm run sim: plays a season against a running server. Exit code 0: all held; 1: a check failed; 2: nothing could be run. */
import { writeFile } from 'node:fs/promises';
import { HELP, type Options, readOptions } from './options.ts';
import { passed } from './results/summary.ts';
import { tableOf } from './results/table.ts';
import { terminalReport } from './results/terminal.ts';
import { runSeason } from './season-run.ts';
import { Stop } from './stop.ts';

async function play(options: Options): Promise<number> {
  const summary = await runSeason(options, terminalReport(process.stderr, false));
  const json = `${JSON.stringify(summary, undefined, 2)}\n`;
  if (options.json === '-') process.stdout.write(json);
  else {
    process.stdout.write(tableOf(summary));
    if (options.json !== undefined) await writeFile(options.json, json);
  }
  return passed(summary) ? 0 : 1;
}

// Started by the demo: without it there is nobody to play for, and two simulators on one board spoil each other's books.
process.on('disconnect', () => process.exit(2));
process.channel?.unref();

try {
  const options = readOptions(process.argv.slice(2), process.env);
  if (options) process.exitCode = await play(options);
  else process.stdout.write(HELP);
} catch (error) {
  process.stderr.write(`sim: ${error instanceof Stop ? error.message : String((error as Error).stack)}\n`);
  process.exitCode = 2;
}
