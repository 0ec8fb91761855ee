/** `npm test`: every test that this machine can run; further arguments go to vitest as they are.
 *  The last line is `N passed, N failed`, computed from vitest's own report. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { redisBinary } from '../../server/src/local/redis-binary.ts';
import { findChromium } from './chromium.ts';
import { filesUnder } from './files.ts';
import { citationsOf } from './spec.ts';
import { parse } from './syntax.ts';
import { closingLine, totalsOf, type VitestReport } from './totals.ts';

/** A run that hangs ends with a failure instead of never. */
const RUN_TIMEOUT_MS = 15 * 60_000;

const root = resolve(import.meta.dirname, '../..');
const passedThrough = process.argv.slice(2);
const PROJECTS = ['unit', 'integration', 'fault', 'waitaof', 'browser'];

function testsIn(project: string): number {
  return filesUnder(root, [`test/${project}`], /\.test\.tsx?$/)
    .map((path) => citationsOf(parse(path, readFileSync(join(root, path), 'utf8'))).length)
    .reduce((sum, tests) => sum + tests, 0);
}

function vitest(args: readonly string[]): Promise<number> {
  const bin = join(root, 'node_modules/vitest/vitest.mjs');
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [bin, 'run', ...args], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const timer = setTimeout(() => {
      console.error(`tests: not finished after ${RUN_TIMEOUT_MS / 60_000} minutes; ending them`);
      child.kill('SIGKILL');
    }, RUN_TIMEOUT_MS);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
    child.on('error', failed);
    child.on('close', (code) => {
      clearTimeout(timer);
      done(code ?? 1);
    });
  });
}

function readReport(file: string): VitestReport | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as VitestReport;
  } catch {
    return undefined;
  }
}

/** Why no Redis with `WAITAOF` can be had here; undefined when there is one. Fetches it the first time. */
async function noWaitAof(): Promise<string | undefined> {
  try {
    await redisBinary({ cacheDir: join(root, '.cache/redis'), waitAof: true });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message.split('\n')[0] : String(error);
  }
}

const choosesProjects = passedThrough.some((arg) => arg.startsWith('--project'));
/** By project, why its tests are left out. */
const leftOut = new Map<string, string>();
if (!choosesProjects && findChromium() === undefined)
  leftOut.set(
    'browser',
    'no Chromium was found. Install it (Debian: apt-get install chromium) or set CHROMIUM_PATH.',
  );
const why = choosesProjects ? undefined : await noWaitAof();
if (why !== undefined) leftOut.set('waitaof', why);
const folder = mkdtempSync(join(tmpdir(), 'photofinish-tests-'));
const reportFile = join(folder, 'report.json');
const exitCode = await vitest([
  ...(leftOut.size > 0
    ? PROJECTS.filter((name) => !leftOut.has(name)).flatMap((name) => ['--project', name])
    : []),
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${reportFile}`,
  ...passedThrough,
]);
const report = readReport(reportFile);
rmSync(folder, { recursive: true, force: true });

const testsLeftOut = [...leftOut.keys()].map(testsIn).reduce((sum, tests) => sum + tests, 0);
const totals = totalsOf(report, exitCode, testsLeftOut);
const ranNothing = totals.passed + totals.failed === 0;
for (const [project, because] of leftOut) console.log(`\nLeft out: the ${project} tests, because ${because}`);
if (exitCode !== 0 && report === undefined)
  console.log('\nvitest wrote no report: it failed before any test.');
if (ranNothing) console.log('\nNo test was run: that counts as a failure.');
console.log(closingLine(totals));
process.exitCode = exitCode !== 0 || totals.failed > 0 || ranNothing ? 1 : 0;
