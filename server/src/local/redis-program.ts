/** Which Redis program we can run: one on the PATH, else the distribution's, unpacked into a cache folder of the project. */
import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface RedisProgram {
  file: string;
  /** As the program reports it, like `7.0.15`. */
  version: string;
  /** Folders with its shared libraries where they are not the system's. */
  libraryPath: string | undefined;
}

export const SERVER_NAMES = ['redis-server', 'valkey-server'] as const;

/** The rest of Photofinish refuses an older one. */
export const MAJOR_VERSION_MIN = 7;

/** Asks the program itself, which also shows that it can run here. Undefined where it cannot. */
export function probeProgram(file: string, libraryPath: string | undefined): RedisProgram | undefined {
  try {
    const env = { PATH: process.env['PATH'] ?? '', ...(libraryPath && { LD_LIBRARY_PATH: libraryPath }) };
    const answer = execFileSync(file, ['--version'], {
      env,
      encoding: 'utf8',
      timeout: 5_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const version = /\bv=(\d+\.\d+\.\d+)/.exec(answer)?.[1];
    return version === undefined ? undefined : { file, version, libraryPath };
  } catch {
    return undefined;
  }
}

export const isRecent = ({ version }: RedisProgram): boolean =>
  Number(version.split('.')[0]) >= MAJOR_VERSION_MIN;

/** Every server program on the PATH that runs, old ones too: a refusal can then say what was found. */
export function programsOnPath(path = process.env['PATH'] ?? ''): RedisProgram[] {
  const files = SERVER_NAMES.flatMap((name) =>
    path
      .split(delimiter)
      .filter((folder) => folder !== '')
      .map((folder) => join(folder, name)),
  );
  return files
    .filter((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    })
    .map((file) => probeProgram(file, undefined))
    .filter((program) => program !== undefined);
}

/** `WAITAOF` came with Redis 7.2; every Valkey has it. */
export function hasWaitAof({ version }: RedisProgram): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 7 || (major === 7 && minor >= 2);
}
