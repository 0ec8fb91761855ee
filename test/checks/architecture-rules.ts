/** Who may import whom, as data. A file belongs to the first room whose `files` its path matches; it may import its own
 *  room, what `rooms` and `alsoFiles` name, and the packages of `packages`. Anything not named is forbidden. */
export interface Room {
  name: string;
  /** Paths from the repository's root, with `/`. */
  files: RegExp;
  rooms: readonly string[];
  /** Single files of other rooms. */
  alsoFiles?: RegExp;
  /** Packages by name; `*` allows every declared one. */
  packages: readonly string[];
  /** Node's builtin modules. */
  builtins: boolean;
  /** May read `process.env`: everything else is told its configuration. */
  env?: true;
  /** May end the process: everything else throws or returns. */
  exit?: true;
  /** May use the root's development dependencies: never part of a built server. */
  development?: true;
}

const CORE = ['board', 'flush', 'season', 'settle'];
const DOMAIN = ['domain', 'protocol'];
const LOG = /^server\/src\/observe\/log\.ts$/;
const CORE_PACKAGES = ['nanoid', 'zod'];
/** Packages that compute and do nothing else, by the room of the core that may use them. */
const CALCULATIONS: Readonly<Record<string, readonly string[]>> = { season: ['croner', 'csv-stringify'] };

const core = (name: string): Room => ({
  name,
  files: new RegExp(`^server/src/${name}/`),
  rooms: [...DOMAIN, ...CORE],
  alsoFiles: LOG,
  packages: [...CORE_PACKAGES, ...(CALCULATIONS[name] ?? [])],
  builtins: true,
});

export const ROOMS: readonly Room[] = [
  { name: 'domain', files: /^shared\/src\/domain\//, rooms: [], packages: ['zod'], builtins: false },
  {
    name: 'protocol',
    files: /^shared\/src\/protocol\//,
    rooms: ['domain'],
    packages: ['zod'],
    builtins: false,
  },
  { name: 'client', files: /^shared\/src\/client\//, rooms: DOMAIN, packages: ['zod'], builtins: false },

  ...CORE.map(core),
  {
    name: 'redis',
    files: /^server\/src\/redis\//,
    rooms: [...DOMAIN, ...CORE],
    alsoFiles: LOG,
    packages: ['ioredis', 'nanoid'],
    builtins: true,
  },
  {
    name: 'commands',
    files: /^server\/src\/(?:[a-z]+\/)?[a-z-]+-command\.ts$/,
    rooms: [...DOMAIN, ...CORE, 'postgres', 'auth', 'config', 'observe'],
    packages: ['postgres', 'drizzle-orm'],
    builtins: true,
    env: true,
    exit: true,
  },
  {
    name: 'postgres',
    files: /^server\/src\/postgres\//,
    rooms: [...DOMAIN, ...CORE],
    alsoFiles: LOG,
    packages: ['postgres', 'drizzle-orm', 'nanoid'],
    builtins: true,
  },
  {
    name: 'auth',
    files: /^server\/src\/auth\//,
    rooms: [...DOMAIN, ...CORE],
    alsoFiles: LOG,
    packages: ['jose', 'nanoid'],
    builtins: true,
  },
  {
    name: 'ws',
    files: /^server\/src\/ws\//,
    rooms: [...DOMAIN, ...CORE, 'auth'],
    alsoFiles: LOG,
    packages: ['ws', 'zod', 'nanoid'],
    builtins: true,
  },
  {
    name: 'http',
    files: /^server\/src\/http\//,
    rooms: [...DOMAIN, ...CORE, 'auth'],
    alsoFiles: LOG,
    packages: ['hono', '@hono/node-server', '@hono/zod-openapi', 'zod', 'nanoid'],
    builtins: true,
  },
  {
    // Implements the observers that the core and the edges declare; they never import it.
    name: 'observe',
    files: /^server\/src\/observe\//,
    rooms: [...DOMAIN, ...CORE, 'ws', 'http', 'config'],
    packages: ['pino', 'prom-client'],
    builtins: true,
  },
  {
    name: 'web',
    files: /^server\/src\/web\//,
    rooms: [...DOMAIN, 'client'],
    packages: ['preact', 'vite'],
    builtins: false,
    development: true,
  },
  {
    name: 'config',
    files: /^server\/src\/config(?:-\w+)?\.ts$/,
    rooms: DOMAIN,
    packages: ['zod'],
    builtins: true,
    env: true,
  },
  {
    name: 'token',
    files: /^server\/src\/token\.ts$/,
    rooms: [...DOMAIN, ...CORE, 'auth', 'config', 'commands'],
    packages: [],
    builtins: true,
    env: true,
    exit: true,
  },
  {
    name: 'audit',
    files: /^server\/src\/(?:audit|boards|export)\.ts$/,
    rooms: [...DOMAIN, ...CORE, 'redis', 'postgres', 'observe', 'config'],
    alsoFiles: /^server\/src\/boards-file\.ts$/,
    packages: [],
    builtins: true,
    env: true,
    exit: true,
  },
  {
    name: 'stop-signals',
    files: /^server\/src\/stop-signals\.ts$/,
    rooms: [],
    packages: [],
    builtins: true,
    exit: true,
  },
  {
    name: 'local',
    files: /^server\/src\/local\//,
    rooms: [...DOMAIN, 'auth', 'config', 'stop-signals'],
    alsoFiles: /^server\/src\/(?:postgres\/migrat\w*|observe\/log)\.ts$/,
    packages: ['*'],
    builtins: true,
    env: true,
    exit: true,
    development: true,
  },
  {
    name: 'compose',
    files: /^server\/src\/(?:compose(?:-\w+)?|connections|startup|lifecycle|boards-file)\.ts$/,
    rooms: [...DOMAIN, ...CORE, 'redis', 'postgres', 'auth', 'ws', 'http', 'observe', 'config'],
    packages: ['*'],
    builtins: true,
  },
  {
    name: 'main',
    files: /^server\/src\/main\.ts$/,
    rooms: ['compose', 'config', 'observe', 'stop-signals', ...DOMAIN],
    packages: [],
    builtins: true,
    env: true,
    exit: true,
  },
  {
    name: 'client-sim',
    files: /^client-sim\/src\//,
    rooms: ['protocol', 'client'],
    packages: ['*'],
    builtins: true,
    env: true,
    exit: true,
  },
  // Tests, build scripts and tool settings: they may look at everything; nothing above may import them.
  {
    name: 'outside',
    files: /^(?:test\/|server\/build\.ts$|[\w.]+\.config\.ts$)/,
    rooms: ['*'],
    packages: ['*'],
    builtins: true,
    env: true,
    exit: true,
    development: true,
  },
];

/** A longer file is a design question; split it by idea, not by length. */
export const FILE_LINES_MAX = 400;
