/** Compiles what `npm start` and the image run with plain Node: shared first, because the server's types come from its
 *  build, then the server, then the Lua scripts, which the compiler does not know.
 *  The page stands in server/dist/web already: `build:web` comes before, so that folder is left alone. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const PAGE = 'web';

/** Files of an older build would be found and run long after their sources are gone. */
function clean(dist: string): void {
  if (!existsSync(dist)) return;
  for (const name of readdirSync(dist)) {
    if (name !== PAGE) rmSync(join(dist, name), { recursive: true, force: true });
  }
}

function compile(project: string): void {
  const tsc = join(root, 'node_modules/.bin/tsc');
  const { status, error } = spawnSync(tsc, ['-p', project], { cwd: root, stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) throw new Error(`tsc -p ${project} failed; see above`);
}

clean(join(root, 'shared/dist'));
clean(join(root, 'server/dist'));
compile('shared/tsconfig.build.json');
compile('server/tsconfig.build.json');
cpSync(join(root, 'server/src/redis/scripts'), join(root, 'server/dist/redis/scripts'), {
  recursive: true,
  filter: (path) => !path.endsWith('.ts'),
});
