import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, inject, it } from 'vitest';
import { freshDatabase } from '../support/services.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

it('[LC6] the demo plays a complete season, finds nothing lost, wrong or drifted, and settles once', async () => {
  const database = await freshDatabase(inject('postgresUrl'));
  const folder = await mkdtemp(join(tmpdir(), 'photofinish-demo-'));
  const json = join(folder, 'summary.json');
  try {
    const options = [
      '--once',
      '--players',
      '40',
      '--seconds',
      '3',
      '--seed',
      '7',
      '--port',
      '0',
      '--json',
      json,
    ];
    const demo = spawn(
      process.execPath,
      ['--conditions=source', '--import', 'tsx', 'server/src/local/demo.ts', ...options],
      { cwd: ROOT, env: { ...process.env, DATABASE_URL: database.url, REDIS_URL: inject('redisUrl') } },
    );
    let output = '';
    for (const stream of [demo.stdout, demo.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk));
    const [code] = await once(demo, 'exit');
    expect(code, output).toBe(0);
    const summary = JSON.parse(await readFile(json, 'utf8'));
    expect(summary).toMatchObject({
      ticks: { lost: 0 },
      ranks: { wrong: 0 },
      drift: { entries: 0 },
      settlement: { rerunSame: true, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    expect(summary.ticks.acked).toBeGreaterThan(500);
    expect(summary.ranks.checked).toBeGreaterThan(40);
    expect(summary.finals.inPostgres).toBe(summary.finals.acked);
    expect(summary.flush.ticksPerRow).toBeGreaterThan(1);
    expect(output).not.toContain(inject('redisUrl'));
  } finally {
    await rm(folder, { recursive: true, force: true });
    await database.drop();
  }
});
