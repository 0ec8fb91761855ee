import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/services.ts';
import { GUILTS } from '../torture/guilty-queue.ts';
import type { TortureReport } from '../torture/run.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const folder = temporaryFolder();
afterAll(() => folder.remove());

async function torture(args: string[]): Promise<{ code: number; said: string; report: TortureReport }> {
  const json = join(folder.path, 'report.json');
  const child = spawn(
    process.execPath,
    ['--conditions=source', '--import', 'tsx', 'test/torture/torture.ts', ...args, '--json', json],
    { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => said.push(String(chunk)));
  const [code] = (await once(child, 'close')) as [number];
  return { code, said: said.join(''), report: JSON.parse(readFileSync(json, 'utf8')) };
}

describe('the torture', () => {
  it('[TO1] kills, pauses and cuts everything at random: nothing acked is lost, doubled or changed', async () => {
    const { code, said, report } = await torture(['--seed', '7', '--seconds', '60']);
    expect(code, said).toBe(0);
    expect(report).toMatchObject({ lost: { ticks: 0, deltas: 0, finals: 0 }, doubled: 0, drift: 0 });
    for (const [kind, count] of Object.entries({ ...report.acked, ...report.kills }))
      expect(count, `${kind}: a run in which it never came proves nothing\n${said}`).toBeGreaterThan(0);
  }, 300_000);

  it.each(GUILTS)('[TO2] finds the guilty queue "%s" and exits 1', async (guilt) => {
    const { code, said, report } = await torture(['--seed', '3', '--seconds', '8', '--mutant', guilt]);
    expect(code, said).toBe(1);
    expect(report.lost.ticks + report.lost.deltas + report.lost.finals, said).toBeGreaterThan(0);
    expect(report.wrong, said).toBe(0);
  });
});
