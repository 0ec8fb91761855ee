/** Writes the files that come from the schemas; with `--check`, fails when one of them is stale and writes nothing. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GENERATE_COMMAND, generatedFiles } from './generated.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

function current(path: string): string | undefined {
  try {
    return readFileSync(join(ROOT, path), 'utf8');
  } catch {
    return undefined;
  }
}

const stale = generatedFiles(ROOT).filter(({ path, text }) => current(path) !== text);
if (process.argv.includes('--check')) {
  for (const { path } of stale)
    console.error(
      `${path} ${current(path) === undefined ? 'is missing' : 'is stale'}: run ${GENERATE_COMMAND}`,
    );
  if (stale.length > 0) process.exitCode = 1;
} else
  for (const { path, text } of stale) {
    mkdirSync(dirname(join(ROOT, path)), { recursive: true });
    writeFileSync(join(ROOT, path), text);
    console.log(`wrote ${path}`);
  }
