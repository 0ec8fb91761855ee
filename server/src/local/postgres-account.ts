/** Under which account PostgreSQL runs. It refuses to run as root, so as root we give it the account `postgres` where the
 *  system has one, else `nobody`; for any other user it is that user. No account is ever created. */
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { LocalServiceError } from './service.ts';

export interface Account {
  uid: number;
  gid: number;
}

/** How to start a program under the account. */
export interface RunAs {
  program: string;
  args: string[];
  uid?: number;
  gid?: number;
}

function accountNamed(name: string): Account | undefined {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}

/** Undefined: our own. The owner of existing data is kept, because the server takes only data that its account owns. */
export function postgresAccount(clusterFolder: string): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const existing = statSync(clusterFolder, { throwIfNoEntry: false });
  if (existing !== undefined && existing.uid !== 0) return { uid: existing.uid, gid: existing.gid };
  const account = accountNamed('postgres') ?? accountNamed('nobody');
  if (account !== undefined) return account;
  throw new LocalServiceError(
    'PostgreSQL does not run as root, and this system has neither an account postgres nor nobody; run as another user, or set DATABASE_URL',
  );
}

/** Whether anyone may pass through all folders above the file: another account sees nothing below one that is closed. */
function reachableByAll(file: string): boolean {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

const hasSetpriv = (): boolean => {
  try {
    execFileSync('setpriv', ['--version'], { stdio: 'ignore', timeout: 5_000 });
    return true;
  } catch {
    return false;
  }
};

/** A checkout below a closed folder (`/root` is one) cannot be reached by the other account. Linux's `setpriv` lets the
 *  program keep root's one right to pass closed folders; the folders themselves are left as they are. */
export function runAs(
  account: Account | undefined,
  paths: string[],
  [program, ...args]: [string, ...string[]],
): RunAs {
  if (account === undefined) return { program, args };
  const closed = [program, ...paths].find((path) => !reachableByAll(path));
  if (closed === undefined) return { program, args, ...account };
  if (!hasSetpriv()) {
    throw new LocalServiceError(
      `${closed}: PostgreSQL does not run as root, and other accounts cannot reach this folder; move the checkout to a folder that all may enter, run as another user, or set DATABASE_URL`,
    );
  }
  const rights = ['--inh-caps', '+dac_override', '--ambient-caps', '+dac_override'];
  const identity = ['--reuid', String(account.uid), '--regid', String(account.gid), '--clear-groups'];
  return { program: 'setpriv', args: [...identity, ...rights, '--', program, ...args] };
}
