/** Finds a Redis to run, fetching one where the system has none. The cache holds one folder per system, complete or absent:
 *  it is unpacked beside and renamed, by one process at a time. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../observe/log.ts';
import { claimDirectory } from './data-directory.ts';
import { unpackPackages } from './redis-packages.ts';
import {
  hasWaitAof,
  isRecent,
  MAJOR_VERSION_MIN,
  probeProgram,
  programsOnPath,
  type RedisProgram,
  SERVER_NAMES,
} from './redis-program.ts';
import { LocalServiceError } from './service.ts';

/** Longer than a slow fetch takes; past it, waiting for another process's fetch is no use. */
const FETCH_WAIT_MS = 300_000;
const FETCH_POLL_MS = 100;

/** Which program will do, where to fetch it from, and the cache folder's name after the system's. */
interface Wanted {
  accepts(program: RedisProgram): boolean;
  names: readonly string[];
  backports: boolean;
  folder: string;
  versionMin: string;
}

const ANY: Wanted = {
  accepts: isRecent,
  names: SERVER_NAMES,
  backports: false,
  folder: '',
  versionMin: `${MAJOR_VERSION_MIN}.0`,
};
/** Debian 12's own Redis is 7.0; its backports have Valkey. */
const WITH_WAITAOF: Wanted = {
  accepts: hasWaitAof,
  names: ['valkey-server', 'redis-server'],
  backports: true,
  folder: '-waitaof',
  versionMin: '7.2',
};

/** A cache that moved to another system along with the checkout must not be run there. */
function systemName(): string {
  const release = new Map(
    readFileSync('/etc/os-release', 'utf8')
      .split('\n')
      .map((line) => line.split('=') as [string, string | undefined])
      .map(([name, value]) => [name, value?.replaceAll('"', '')]),
  );
  return `${release.get('ID') ?? 'linux'}-${release.get('VERSION_ID') ?? 'rolling'}-${arch()}`;
}

/** All folders below that hold shared libraries. */
function libraryFolders(root: string): string[] {
  const folders = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => /\.so(\.|$)/.test(entry.name))
    .map((entry) => entry.parentPath);
  return [...new Set(folders)];
}

/** The program in an unpacked tree, if it runs here. */
function programIn(root: string, { names, accepts }: Wanted): RedisProgram | undefined {
  try {
    const libraryPath = libraryFolders(root).join(delimiter) || undefined;
    return names
      .map((name) => probeProgram(join(root, 'usr', 'bin', name), libraryPath))
      .find((program) => program !== undefined && accepts(program));
  } catch {
    return undefined;
  }
}

const reason = (error: unknown): string => {
  const { stderr, message } = error as Error & { stderr?: string };
  const lines = (stderr?.trim() || message).split('\n').filter((line) => !line.startsWith('W:'));
  return lines.slice(-3).join(' ');
};

async function fetchInto(
  folder: string,
  wanted: Wanted,
  log: Log | undefined,
): Promise<RedisProgram | string> {
  const cacheDir = dirname(folder);
  for (const name of readdirSync(cacheDir).filter((entry) => entry.startsWith('draft-'))) {
    rmSync(join(cacheDir, name), { recursive: true, force: true });
  }
  const draft = mkdtempSync(join(cacheDir, 'draft-'));
  const refusals: string[] = [];
  try {
    for (const packageName of wanted.names) {
      const tree = join(draft, packageName);
      mkdirSync(tree);
      try {
        const packages = await unpackPackages(packageName, join(draft, 'apt'), tree, wanted);
        if (programIn(tree, wanted) === undefined) {
          refusals.push(
            `${packageName}: its program does not run here or is older than ${wanted.versionMin}`,
          );
          continue;
        }
        rmSync(folder, { recursive: true, force: true });
        renameSync(tree, folder);
        log?.info({ packages, folder }, 'unpacked Redis from the packages of the distribution');
        const program = programIn(folder, wanted);
        if (program !== undefined) return program;
      } catch (error) {
        refusals.push(`${packageName}: ${reason(error)}`);
      }
    }
    return refusals.join('; ');
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** The cached program, or a fetched one, or why there is none. */
async function fetchOnce(
  cacheDir: string,
  wanted: Wanted,
  log: Log | undefined,
): Promise<RedisProgram | string> {
  mkdirSync(cacheDir, { recursive: true });
  const folder = join(realpathSync(cacheDir), `${systemName()}${wanted.folder}`);
  const deadline = Date.now() + FETCH_WAIT_MS;
  for (;;) {
    const cached = programIn(folder, wanted);
    if (cached !== undefined) return cached;
    const claim = claimDirectory(cacheDir);
    if (claim.kind === 'owned') {
      try {
        // Another process may have finished between our look and our claim.
        return programIn(folder, wanted) ?? (await fetchInto(folder, wanted, log));
      } finally {
        claim.release();
      }
    }
    if (Date.now() > deadline) return `process ${claim.pid} is still fetching into ${cacheDir}`;
    await delay(FETCH_POLL_MS);
  }
}

export interface RedisBinaryOptions {
  cacheDir: string;
  log?: Log | undefined;
  /** Where to look for an installed program: the PATH, unless told. */
  path?: string | undefined;
  /** A program that has `WAITAOF`, for the acks that need it. */
  waitAof?: boolean | undefined;
}

export async function redisBinary(options: RedisBinaryOptions): Promise<RedisProgram> {
  const { cacheDir, log, path, waitAof = false } = options;
  const wanted = waitAof ? WITH_WAITAOF : ANY;
  const installed = programsOnPath(path);
  const usable = installed.find(wanted.accepts);
  if (usable !== undefined) return usable;

  let why = `${platform()} has no packages that we can fetch`;
  if (platform() === 'linux' && programExists('apt-get') && programExists('dpkg')) {
    const fetched = await fetchOnce(cacheDir, wanted, log).catch(reason);
    if (typeof fetched !== 'string') return fetched;
    why = `the packages of the distribution could not be used (${fetched})`;
  }
  const old = installed.map(({ file, version }) => `${file} is ${version}`).join(', ');
  throw new LocalServiceError(
    [
      `no Redis ${wanted.versionMin} or newer (or Valkey) to start: none on the PATH${old && ` (${old})`}, and ${why}. Do one of these:`,
      '  macOS:        brew install redis',
      '  Docker:       docker run --rm -p 127.0.0.1:6379:6379 redis:7 redis-server --appendonly yes --maxmemory-policy noeviction',
      '                and REDIS_URL=redis://127.0.0.1:6379',
      '  other Linux:  install the package redis or valkey, so that redis-server or valkey-server is on the PATH',
      '  your own:     set REDIS_URL, like redis://:PASSWORD@HOST:6379 (AOF on, maxmemory-policy noeviction)',
    ].join('\n'),
  );
}

const programExists = (name: string): boolean =>
  (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      return readdirSync(folder).includes(name);
    } catch {
      return false;
    }
  });
