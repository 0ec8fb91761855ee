/** `npm run db:generate -- NAME`: writes the SQL migration that leads from the last one to `schema.ts`. Needs no database.
 *  Migrations have names of their own, because nobody remembers what `0007_sleepy_hulk` did. */
import { spawnSync } from 'node:child_process';

function main(): number {
  const [name, ...rest] = process.argv.slice(2);
  if (!name || rest.length > 0 || !/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name)) {
    console.error('Name the migration in lower case with underscores, after what it does:');
    console.error('  npm run db:generate -- add_award_deliveries');
    return 1;
  }
  const run = spawnSync('npx', ['--no-install', 'drizzle-kit', 'generate', '--name', name], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (run.status === 0)
    console.log('Read the SQL before committing it: storage settings (fillfactor) are added there by hand.');
  return run.status ?? 1;
}

process.exitCode = main();
