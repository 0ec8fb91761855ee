import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { fencesOf } from '../support/documents.ts';
import { startServer } from '../support/server.ts';

const root = resolve(import.meta.dirname, '../..');

test("[PA9] the README's first game runs as it stands and says what the README says", async () => {
  const game = fencesOf(readFileSync(join(root, 'README.md'), 'utf8')).find(
    ({ language, words }) => language === 'ts' && words[0] === 'tested',
  );
  expect(game?.text.split('\n').length).toBeLessThanOrEqual(25);
  const server = await startServer({ env: { BOARDS_FILE: 'boards.json' } });
  // Inside of the project, so that its packages are found; removed in any case.
  const folder = join(root, '.cache', `first-game-${process.pid}`);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'game.ts'), game?.text ?? '');
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--conditions=source', '--import', 'tsx', join(folder, 'game.ts')],
      {
        cwd: root,
        timeout: 30_000,
        env: {
          PATH: process.env['PATH'],
          PHOTOFINISH_URL: `${server.url.replace('http', 'ws')}/v1/ws`,
          HOST_TOKEN: await server.token('server', 'match-host'),
          ANN_TOKEN: await server.token('player', 'ann'),
        },
      },
    );
    expect(stdout).toContain('rank 1 with 400, safe in: cache');
    expect(stdout).toContain('final rank 1, safe in: database');
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await server.stop();
  }
});
