/** Fetches the distribution's own Redis packages (Debian, Ubuntu and kin) and unpacks them into a folder, without root and
 *  without touching the system: apt gets lists, caches and locks of its own below `workFolder`, its hooks are cleared, and
 *  `dpkg -x` only unpacks. Installing the package for real would also start a service on port 6379. */
import { execFile } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const STEP_TIMEOUT_MS = 180_000;
const OUTPUT_BYTES_MAX = 32 * 1024 * 1024;
const NETWORK_TIMEOUT_S = 20;

/** Read after the system's own settings, so that a proxy or mirror set there stays in force. */
const aptConfig = (workFolder: string): string => `
Dir::State::lists ${JSON.stringify(join(workFolder, 'lists'))};
Dir::Cache ${JSON.stringify(join(workFolder, 'cache'))};
Dir::Log ${JSON.stringify(join(workFolder, 'log'))};
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Invoke;
#clear DPkg::Post-Invoke;
APT::Sandbox::User "root";
APT::Get::List-Cleanup "false";
Acquire::Languages "none";
Acquire::http::Timeout "${NETWORK_TIMEOUT_S}";
Acquire::https::Timeout "${NETWORK_TIMEOUT_S}";
Acquire::Retries "2";
`;

const LIST_SOURCES = [
  'indextargets',
  '--format',
  '$(REPO_URI) $(RELEASE) $(COMPONENT)',
  'Created-By: Packages',
];
const DEBIAN_KEYS = '/usr/share/keyrings/debian-archive-keyring.gpg';
const SYSTEM_SOURCES = '/etc/apt/sources.list';

/** The distribution's backports, from the mirror that the system uses for the rest. @throws Error where it uses none */
export function backportsSource(listing: string, release: string): string {
  const [site] =
    listing
      .split('\n')
      .map((line) => line.trim().split(' '))
      .find(([, suite, component]) => suite === release && component === 'main') ?? [];
  if (release === '' || site === undefined)
    throw new Error(`apt has no source for the main packages of ${release || 'this system'}`);
  return `${site} ${release}-backports main`;
}

/** Beside the system's own sources, for this run of apt alone. */
function addBackports(config: string, workFolder: string, listing: string): void {
  const release = /^VERSION_CODENAME=(\S+)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? '';
  const signed = existsSync(DEBIAN_KEYS) ? `[signed-by=${DEBIAN_KEYS}] ` : '';
  const own = existsSync(SYSTEM_SOURCES) ? readFileSync(SYSTEM_SOURCES, 'utf8') : '';
  const list = join(workFolder, 'sources.list');
  writeFileSync(list, `${own}\ndeb ${signed}${backportsSource(listing, release)}\n`);
  appendFileSync(config, `Dir::Etc::sourcelist ${JSON.stringify(list)};\n`);
}

/** Lines like `Inst redis-server (5:7.0.15-1 Debian:12 [amd64])`; one with a second version in square brackets before the
 *  round ones would replace an installed package, and the system's own copy has to do. */
export function packagesToUnpack(simulation: string): string[] {
  return [...simulation.matchAll(/^Inst (\S+) (\[)?/gm)]
    .filter(([, , upgrades]) => upgrades === undefined)
    .map(([, name]) => name as string);
}

async function run(program: string, args: string[], cwd: string): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, {
    cwd,
    env: { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
    timeout: STEP_TIMEOUT_MS,
    maxBuffer: OUTPUT_BYTES_MAX,
  });
  return stdout;
}

/** Unpacks `packageName` and whatever it needs that this system lacks into `target`. Answers the packages' names. */
export async function unpackPackages(
  packageName: string,
  workFolder: string,
  target: string,
  from: { backports: boolean } = { backports: false },
): Promise<string[]> {
  for (const folder of ['lists/partial', 'cache/archives/partial', 'log', 'packages']) {
    mkdirSync(join(workFolder, folder), { recursive: true });
  }
  const config = join(workFolder, 'apt.conf');
  writeFileSync(config, aptConfig(workFolder));
  if (from.backports) addBackports(config, workFolder, await run('apt-get', LIST_SOURCES, workFolder));
  const packages = join(workFolder, 'packages');
  const apt = (...args: string[]): Promise<string> =>
    run('apt-get', ['--config-file', config, '--quiet', ...args], packages);

  if (readdirSync(join(workFolder, 'lists')).length <= 1) await apt('update');
  const names = packagesToUnpack(await apt('install', '--simulate', '--no-install-recommends', packageName));
  if (names.length === 0)
    throw new Error(`${packageName} is installed already, but its program does not run`);
  await apt('download', ...names);
  for (const file of readdirSync(packages).filter((name) => name.endsWith('.deb'))) {
    await run('dpkg', ['-x', join(packages, file), target], packages);
  }
  return names;
}
