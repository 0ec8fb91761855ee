/** The services that a newcomer's first command starts: kept, restarted, left over, refused. Both kinds obey the same rules. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runningProcesses, startOf } from '../../server/src/local/process-table.ts';
import { until } from '../support/condition.ts';
import {
  type Address,
  cleanup,
  leftover,
  newFolder,
  node,
  outputOf,
  parentScript,
  postgresKind,
  redisKind,
  refusal,
  start,
  startInParent,
} from '../support/local-kinds.ts';

/** Takes a port, as any other program might. */
const occupy = async (port: number): Promise<void> => {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  cleanup(server, (taken) => taken.close());
};

describe.each([postgresKind, redisKind])('$name', (kind) => {
  it('[LO1] has a password of its own that no other account and no command line shows', async () => {
    const folder = newFolder();
    const service = await start(kind, folder);
    const { password } = new URL(service.url);
    expect(password.length).toBeGreaterThanOrEqual(32);
    expect(statSync(join(folder, 'credentials.json')).mode & 0o777).toBe(0o600);
    expect(runningProcesses().filter(({ commandLine }) => commandLine.includes(password))).toEqual([]);

    const wrong = service.url.replace(password, 'guess');
    await expect(kind.read(wrong)).rejects.toThrow(/password|WRONGPASS|NOAUTH/i);
    const other = await start(kind, newFolder());
    expect(new URL(other.url).password).not.toBe(password);
  });

  it('[LO1] listens on the loopback address alone', async () => {
    const service = await start(kind, newFolder());
    await kind.write(service.url, 'x');
    const outside = Object.values(networkInterfaces())
      .flat()
      .filter((address) => address?.family === 'IPv4' && !address.internal)
      .map((address) => address?.address ?? '');
    // 127.0.0.2 is this machine too, on Linux: a service bound to all addresses would answer there.
    for (const address of process.platform === 'linux' ? ['127.0.0.2', ...outside] : outside) {
      await expect(kind.read(service.url.replace('127.0.0.1', address))).rejects.toThrow();
    }
  });

  it('[LO2] keeps data, password and address over a stop and a start', async () => {
    const folder = newFolder();
    const first = await start(kind, folder);
    await kind.write(first.url, 'before');
    await Promise.all([first.stop(), first.stop()]);
    expect(startOf(first.pid)).toBeUndefined();

    const second = await start(kind, folder);
    expect(second.url).toBe(first.url);
    await kind.write(second.url, 'after');
    expect(await kind.read(second.url)).toEqual(['before', 'after']);
  });

  it('[LO2] takes another port when a stranger has the last one', async () => {
    const folder = newFolder();
    const first = await start(kind, folder);
    await kind.write(first.url, 'kept');
    await first.stop();
    await occupy(first.port);
    const second = await start(kind, folder);
    expect(second.port).not.toBe(first.port);
    expect(await kind.read(second.url)).toEqual(['kept']);
  });

  it('[LO3] after kill -9 of the parent, the next start ends the leftover and has all its data', async () => {
    const folder = newFolder();
    const old = await leftover(kind, folder, 'acked');
    expect(startOf(old.pid)).toBeDefined();

    const next = await start(kind, folder);
    expect(startOf(old.pid)).toBeUndefined();
    expect(next.url).toBe(old.url);
    expect(await kind.read(next.url)).toEqual(['acked']);
  });

  it('[LO3] after kill -9 of parent and service, the next start has all the data', async () => {
    const folder = newFolder();
    const old = await leftover(kind, folder, 'acked');
    process.kill(old.pid, 'SIGKILL');
    const next = await start(kind, folder);
    expect(await kind.read(next.url)).toEqual(['acked']);
  });

  it('[LO3] ends a leftover that is frozen', async () => {
    const folder = newFolder();
    const old = await leftover(kind, folder, 'acked');
    process.kill(old.pid, 'SIGSTOP');
    const next = await start(kind, folder);
    expect(startOf(old.pid)).toBeUndefined();
    expect(await kind.read(next.url)).toEqual(['acked']);
  });

  it('[LO4] leaves the service of another data directory alone', async () => {
    const [folder, beside] = [newFolder(), newFolder()];
    const neighbour = await start(kind, beside);
    await leftover(kind, folder, 'acked');
    await start(kind, folder);
    await kind.write(neighbour.url, 'alive');
    expect(await kind.read(neighbour.url)).toEqual(['alive']);
  });

  it('[LO4] takes an owner file whose pid now belongs to a stranger for stale, and leaves the stranger alone', async () => {
    const folder = newFolder();
    const stranger = node('setInterval(() => {}, 1000)');
    writeFileSync(join(folder, 'owner.7'), JSON.stringify({ pid: stranger.pid, startedAt: 'another time' }));
    await start(kind, folder);
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
    expect(existsSync(join(folder, 'owner.7'))).toBe(false);
  });

  it('[LO5] a second start on data in use is refused by name, and the first goes on', async () => {
    const folder = newFolder();
    const { parent, service } = await startInParent(kind, folder);
    const message = await refusal(kind.start(folder));
    expect(message).toContain(`${folder}: process ${parent.pid} already runs ${kind.name}`);
    expect(message).toContain(kind.instead);
    await kind.write(service.url, 'still here');
    expect(await kind.read(service.url)).toEqual(['still here']);
  });

  it('[LO5] of several starts at once on one directory, one wins', async () => {
    const folder = newFolder();
    const starts = await Promise.allSettled([1, 2, 3].map(() => start(kind, folder)));
    expect(starts.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
  });

  it('[LO6] a Ctrl-C in the terminal reaches the parent only: the service has a process group of its own', async () => {
    const service = await start(kind, newFolder());
    const group = execFileSync('ps', ['-o', 'pgid=', '-p', String(service.pid)], { encoding: 'utf8' });
    expect(Number(group)).toBe(service.pid);
  });

  it('[LO6] a parent that exits without stopping its service does not leave it running', async () => {
    const folder = newFolder();
    const { code, stdout } = await outputOf(node(parentScript(kind, folder, '')));
    expect(code).toBe(0);
    const { pid } = JSON.parse(stdout) as Address;
    await until('the service ends with its parent', () => startOf(pid) === undefined);
  });

  it('[LO6] stop is no error when the service was killed before', async () => {
    const service = await start(kind, newFolder());
    process.kill(service.pid, 'SIGKILL');
    await service.stop();
    expect(startOf(service.pid)).toBeUndefined();
  });

  it('[LO7] names the file when its credentials are not readable, and frees the directory', async () => {
    const folder = newFolder();
    await (await kind.start(folder)).stop();
    const file = join(folder, 'credentials.json');
    const credentials = readFileSync(file, 'utf8');
    writeFileSync(file, '{"pass');
    expect(await refusal(kind.start(folder))).toContain(file);
    writeFileSync(file, credentials);
    await start(kind, folder);
  });
});
