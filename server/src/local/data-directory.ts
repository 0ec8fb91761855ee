/** The folder of one service: who uses it now, its password, its port.
 *
 *  Two servers on one data directory destroy it, so a directory has at most one living owner: the process that started the
 *  service, named in a file `owner.N`. The owner with the largest N counts. A crash leaves its file behind; the next
 *  process sees that the owner is dead and creates `owner.N+1`, which only one of several can do. There is no step at
 *  which a crash leaves the directory locked. */
import { randomBytes } from 'node:crypto';
import {
  accessSync,
  constants,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { startOf } from './process-table.ts';
import { LocalServiceError } from './service.ts';

interface Owner {
  pid: number;
  /** Tells this owner from a later process with the same pid. */
  startedAt: string;
}

interface Credentials {
  password: string;
  /** The port of the last run: taken again where it is free, so that addresses in a shell or a bookmark stay right. */
  port: number | undefined;
}

const CLAIM_TRIES_MAX = 20;
const OWNER_FILE = /^owner\.(\d+)$/;

const generations = (directory: string): number[] =>
  readdirSync(directory)
    .map((name) => Number(OWNER_FILE.exec(name)?.[1] ?? Number.NaN))
    .filter((generation) => !Number.isNaN(generation))
    .sort((a, b) => b - a);

function livingOwner(directory: string, generation: number): Owner | undefined {
  try {
    const owner = JSON.parse(readFileSync(join(directory, `owner.${generation}`), 'utf8')) as Owner;
    return startOf(owner.pid) === owner.startedAt ? owner : undefined;
  } catch {
    return undefined;
  }
}

/** False: another process created this generation first. The file appears whole or not at all. */
function createOwnerFile(directory: string, generation: number): boolean {
  const owner: Owner = { pid: process.pid, startedAt: startOf(process.pid) ?? '' };
  const draft = join(directory, `draft.${process.pid}.${randomBytes(6).toString('hex')}`);
  writeFileSync(draft, JSON.stringify(owner), { mode: 0o600, flag: 'wx' });
  try {
    linkSync(draft, join(directory, `owner.${generation}`));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

export type Claim = { kind: 'owned'; release: () => void } | { kind: 'busy'; pid: number };

/** Makes this process the directory's owner, or names the living one. The directory must exist. */
export function claimDirectory(directory: string): Claim {
  for (let tries = 0; tries < CLAIM_TRIES_MAX; tries += 1) {
    const newest = generations(directory)[0] ?? 0;
    const owner = newest === 0 ? undefined : livingOwner(directory, newest);
    if (owner !== undefined) return { kind: 'busy', pid: owner.pid };

    const mine = newest + 1;
    if (!createOwnerFile(directory, mine)) continue;
    // A larger generation may have come and cleaned up between our look and our file:
    //   1. we read owner.3, dead     2. others create 4, then 5, and remove 3 and 4     3. we create 4   <- here
    const others = generations(directory).filter((generation) => generation !== mine);
    const file = join(directory, `owner.${mine}`);
    if (others.some((generation) => generation > mine)) {
      rmSync(file, { force: true });
      continue;
    }
    for (const generation of others) rmSync(join(directory, `owner.${generation}`), { force: true });
    return { kind: 'owned', release: () => rmSync(file, { force: true }) };
  }
  throw new LocalServiceError(`${directory}: several processes claim it at once; start one of them again`);
}

export interface DataDirectory {
  /** Absolute, without symbolic links: what the service's command line shows. */
  path: string;
  password: string;
  lastPort: number | undefined;
  rememberPort(port: number): void;
  release(): void;
}

/** Writes a file for our eyes only; a crash leaves the old text or the new one. */
export function replaceFile(file: string, text: string): void {
  const draft = `${file}.${process.pid}.draft`;
  rmSync(draft, { force: true });
  writeFileSync(draft, text, { mode: 0o600, flag: 'wx' });
  renameSync(draft, file);
}

function readCredentials(file: string): Credentials {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { password: randomBytes(24).toString('base64url'), port: undefined };
  }
  try {
    const { password, port } = JSON.parse(text) as Partial<Credentials>;
    if (typeof password !== 'string' || password === '') throw new Error('no password');
    return { password, port: typeof port === 'number' ? port : undefined };
  } catch {
    throw new LocalServiceError(
      `${file}: not the JSON {"password","port"} that was written there; remove the whole folder it is in to start with empty data`,
    );
  }
}

/** The directory's real path, created where needed. */
function writableDirectory(directory: string, instead: string): string {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o755 });
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
    return realpathSync(directory);
  } catch (cause) {
    throw new LocalServiceError(
      `${directory}: cannot be used for data (${(cause as Error).message}); make it a folder that belongs to your account, remove it if an earlier run as root made it, or set ${instead}`,
      { cause },
    );
  }
}

/** Creates the directory where needed, becomes its owner, and reads or makes its password. */
export function openDataDirectory(directory: string, what: string, instead: string): DataDirectory {
  const path = writableDirectory(directory, instead);
  const claim = claimDirectory(path);
  if (claim.kind === 'busy') {
    const who = claim.pid === process.pid ? 'this process' : `process ${claim.pid}`;
    throw new LocalServiceError(
      `${path}: ${who} already runs ${what} on this data; stop it first, or set ${instead} to use a ${what} of your own`,
    );
  }
  try {
    const file = join(path, 'credentials.json');
    const credentials = readCredentials(file);
    const write = (port: number | undefined): void =>
      replaceFile(file, JSON.stringify({ password: credentials.password, port }));
    if (credentials.port === undefined) write(undefined);
    return {
      path,
      password: credentials.password,
      lastPort: credentials.port,
      rememberPort: write,
      release: claim.release,
    };
  } catch (error) {
    claim.release();
    throw error;
  }
}
