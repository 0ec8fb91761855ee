/** The machine and the versions that a report is of. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './root.ts';

export interface Machine {
  cpu: string;
  cores: number;
  memoryGiB: number;
  os: string;
  node: string;
  redis: string;
  postgres: string;
  ws: string;
  ioredis: string;
  postgresJs: string;
  commit: string;
  /** Processes that wanted to run in the minute before the start, beside ours. */
  loadBefore: number;
}

const versionOf = (name: string): string =>
  JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8')).version;

function commit(): string {
  try {
    const git = (...args: string[]) =>
      execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    const changed = git('status', '--porcelain', '--untracked-files=no') === '' ? '' : ' with changes';
    return `${git('rev-parse', '--short=12', 'HEAD')}${changed}`;
  } catch {
    return 'unknown';
  }
}

function systemName(): string {
  try {
    const name = /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
    return `${name ?? type()}, kernel ${release()}`;
  } catch {
    return `${type()} ${release()}`;
  }
}

export function describeMachine(of: { redis: string; postgres: string; loadBefore: number }): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    os: systemName(),
    node: process.version,
    redis: of.redis,
    postgres: of.postgres,
    ws: versionOf('ws'),
    ioredis: versionOf('ioredis'),
    postgresJs: versionOf('postgres'),
    commit: commit(),
    loadBefore: of.loadBefore,
  };
}

export const loadNow = (): number => Math.round((loadavg()[0] ?? 0) * 10) / 10;
