/** What only the local Redis has to withstand: its settings, and where the program comes from. */
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startLocalRedis } from '../../server/src/local/local-redis.ts';
import { runningProcesses } from '../../server/src/local/process-table.ts';
import { backportsSource, packagesToUnpack } from '../../server/src/local/redis-packages.ts';
import { until } from '../support/condition.ts';
import {
  LOCAL,
  newFolder,
  node,
  outputOf,
  redisKind,
  refusal,
  start,
  withRedis,
} from '../support/local-kinds.ts';
import { redisCacheDir } from '../support/services.ts';

describe('local Redis', () => {
  const kind = redisKind;

  it('[LO8] runs with the settings that the guarantee asks for', async () => {
    const service = await start(kind, newFolder());
    const wanted = { appendonly: 'yes', appendfsync: 'everysec', 'maxmemory-policy': 'noeviction', save: '' };
    const found = await withRedis(service.url, async (redis) =>
      Promise.all(Object.keys(wanted).map(async (name) => (await redis.config('GET', name)) as unknown)),
    );
    const values = found.map((reply) =>
      Array.isArray(reply) ? reply[1] : Object.values(reply as object)[0],
    );
    expect(values).toEqual(Object.values(wanted));
  });

  it('[LO7] quotes the log when a setting is wrong, and frees the directory', async () => {
    const dataDir = newFolder();
    const options = { dataDir, cacheDir: redisCacheDir };
    const message = await refusal(startLocalRedis({ ...options, settings: { appendfsync: 'sometimes' } }));
    expect(message).toContain(join(dataDir, 'redis.log'));
    expect(message).toContain('appendfsync');
    await start(kind, dataDir);
  });

  it('[LO2] works in a folder with spaces and quotes in its name', async () => {
    const folder = join(newFolder(), 'a "quoted" folder \\ with spaces');
    const service = await start(kind, folder);
    await kind.write(service.url, 'x');
    await service.stop();
    expect(await kind.read((await start(kind, folder)).url)).toEqual(['x']);
  });
});

describe('a Redis fetched from the packages of the distribution', () => {
  /** Commands that behave like apt-get and dpkg, and count; nothing else is on the PATH that the tests look at. */
  function distribution(
    version: string,
    behaviour = '',
  ): { path: string; cacheDir: string; calls: () => string[] } {
    const folder = newFolder();
    const log = join(folder, 'calls');
    const program = (name: string, body: string): void => {
      const head = `#!${process.execPath}\nconst fs = require('node:fs'), args = process.argv.slice(2);\n`;
      const count = `fs.appendFileSync(${JSON.stringify(log)}, ${JSON.stringify(name)} + ' ' + args.filter((a) => !a.startsWith('-') && !a.includes('/')).join(' ') + '\\n');\n`;
      writeFileSync(join(folder, name), `${head}${count}${behaviour}\n${body}`, { mode: 0o755 });
    };
    program(
      'apt-get',
      `if (args.includes('install')) console.log('Inst libx1 (1 Debian [amd64])\\nInst libc6 [2.36] (2.37 Debian [amd64])\\nInst redis-server (7 Debian [amd64])');
       if (args.includes('download')) for (const name of ['libx1', 'redis-server']) fs.writeFileSync(name + '.deb', name);`,
    );
    program(
      'dpkg',
      `const server = args[2] + '/usr/bin/redis-server';
       fs.mkdirSync(args[2] + '/usr/bin', { recursive: true });
       if (args[1].includes('redis')) fs.writeFileSync(server, '#!${process.execPath}\\nconsole.log("Redis server v=${version} sha=0")', { mode: 0o755 });`,
    );
    writeFileSync(log, '');
    return {
      path: folder,
      cacheDir: join(folder, 'cache'),
      calls: () =>
        readFileSync(log, 'utf8')
          .split('\n')
          .map((call) => call.trim())
          .filter((call) => call !== ''),
    };
  }

  const fetchScript = (cacheDir: string): string => `
    const { redisBinary } = await import(${JSON.stringify(new URL('redis-binary.ts', LOCAL).href)});
    const answer = await redisBinary({ cacheDir: ${JSON.stringify(cacheDir)} }).catch((error) => error.message);
    console.log(JSON.stringify(answer));`;

  const fetchRedis = async ({ path, cacheDir }: { path: string; cacheDir: string }): Promise<unknown> => {
    const { stdout } = await outputOf(node(fetchScript(cacheDir), { PATH: path }));
    return JSON.parse(stdout) as unknown;
  };

  it('[LO9] is fetched once, also when three processes start at the same time, and whole for each', async () => {
    const system = distribution('7.2.4');
    const answers = await Promise.all([1, 2, 3].map(() => fetchRedis(system)));
    for (const answer of answers) expect(answer).toMatchObject({ version: '7.2.4' });
    expect(await fetchRedis(system)).toEqual(answers[0]);
    expect(system.calls()).toEqual([
      'apt-get update',
      'apt-get install redis-server',
      'apt-get download libx1 redis-server',
      'dpkg',
      'dpkg',
    ]);
    expect(readdirSync(system.cacheDir)).toHaveLength(1);
  });

  it('[LO9] a fetch killed half way leaves nothing that a later one trips over', async () => {
    const system = distribution(
      '7.2.4',
      `if (fs.existsSync(__dirname + '/hang')) { setInterval(() => {}, 1000); return; }`,
    );
    writeFileSync(join(system.path, 'hang'), '');
    const killed = node(fetchScript(system.cacheDir), { PATH: system.path });
    await until('the fetch has begun', () => system.calls().includes('apt-get update'));
    const hanging = runningProcesses().filter(({ commandLine }) =>
      commandLine.includes(join(system.path, 'apt-get')),
    );
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    for (const { pid } of hanging) process.kill(pid, 'SIGKILL');
    rmSync(join(system.path, 'hang'));

    expect(await fetchRedis(system)).toMatchObject({ version: '7.2.4' });
    expect(readdirSync(system.cacheDir)).toHaveLength(1);
  });

  it('[LO7] says what to do on each system when the packages are too old or cannot be had', async () => {
    const old = await fetchRedis(distribution('6.0.16'));
    expect(old).toContain('older than 7.0');
    const offline = await fetchRedis(
      distribution(
        '7.2.4',
        `if (args.includes('update')) { console.error('E: Could not resolve the mirror'); process.exit(100); }`,
      ),
    );
    expect(offline).toContain('E: Could not resolve the mirror');
    for (const message of [old, offline]) {
      for (const word of ['brew install', 'docker run', 'other Linux', 'REDIS_URL'])
        expect(message).toContain(word);
    }
  });

  it('[LO9] a Redis on the PATH is taken first, unless it is older than 7.0', async () => {
    const system = distribution('7.2.4');
    const program = (name: string, version: string): void =>
      writeFileSync(join(system.path, name), `#!${process.execPath}\nconsole.log('v=${version}')`, {
        mode: 0o755,
      });
    program('redis-server', '6.2.1');
    program('valkey-server', '8.0.1');
    expect(await fetchRedis(system)).toMatchObject({
      version: '8.0.1',
      file: join(system.path, 'valkey-server'),
    });
    expect(system.calls()).toEqual([]);
    rmSync(join(system.path, 'valkey-server'));
    expect(await fetchRedis(system)).toMatchObject({ version: '7.2.4' });
  });

  it('[LO9] unpacks what is missing and never what would replace a package of the system', () => {
    const simulation = [
      'Inst libc6 [2.36-9] (2.36-10 Debian:12 [amd64])',
      'Inst libjemalloc2 (5.3.0-1 Debian:12.5/stable [amd64])',
      'Inst redis-server (5:7.0.15-1 Debian:12 [amd64]) []',
      'Conf redis-server (5:7.0.15-1 Debian:12 [amd64])',
      'Remv something [1]',
    ].join('\n');
    expect(packagesToUnpack(simulation)).toEqual(['libjemalloc2', 'redis-server']);
    expect(packagesToUnpack('0 upgraded, 0 newly installed')).toEqual([]);
  });

  it("[LO9] backports come from the system's own mirror", () => {
    const listing = [
      'http://mirror.example/debian/ bookworm-updates main',
      'http://mirror.example/debian/ bookworm contrib',
      'http://mirror.example/debian/ bookworm main',
    ].join('\n');
    expect(backportsSource(listing, 'bookworm')).toBe(
      'http://mirror.example/debian/ bookworm-backports main',
    );
    expect(() => backportsSource(listing, 'trixie')).toThrow('no source for the main packages of trixie');
  });
});
