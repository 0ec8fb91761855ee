/** `npm run check`: everything that can be told without a database, in under a minute.
 *  The slowest step comes first, so that the others run beside it. */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { runSteps, type Step } from './steps.ts';

const root = resolve(import.meta.dirname, '../..');
const bin = (name: string) => resolve(root, 'node_modules/.bin', name);
const script = (file: string, ...args: string[]) => [
  '--conditions=source',
  '--import',
  'tsx',
  `test/checks/${file}`,
  ...args,
];

const steps: Step[] = [
  {
    name: 'unit tests',
    command: bin('vitest'),
    args: ['run', '--project', 'unit', '--reporter', 'dot'],
  },
  { name: 'types', command: bin('tsc'), args: ['-p', 'tsconfig.json'] },
  { name: 'types of the page', command: bin('tsc'), args: ['-p', 'server/src/web/tsconfig.json'] },
  { name: 'format and lint', command: bin('biome'), args: ['ci', '--colors=off', '.'] },
  { name: 'imports, cycles, file sizes', command: process.execPath, args: script('architecture.ts') },
  { name: 'rules and their tests', command: process.execPath, args: script('spec.ts') },
  { name: 'generated files', command: process.execPath, args: script('generate.ts', '--check') },
];

const begun = performance.now();
if (!existsSync(bin('vitest'))) throw new Error('dependencies are missing: run npm install first');
const outcomes = await runSteps(steps, {
  cwd: root,
  width: Math.max(2, availableParallelism()),
  tell: (text) => console.log(text),
});
const failed = outcomes.filter((outcome) => !outcome.ok);
const seconds = ((performance.now() - begun) / 1000).toFixed(1);
console.log(
  failed.length > 0
    ? `\nchecks failed in ${seconds} s: ${failed.map((outcome) => outcome.name).join(', ')}`
    : `all checks passed in ${seconds} s`,
);
process.exitCode = failed.length > 0 ? 1 : 0;
