/** `npm run db:migrate`: brings the database of DATABASE_URL up to this build's schema, and says what it did. */
import { migrate } from './migrate.ts';

async function main(): Promise<void> {
  const url = process.env['DATABASE_URL'];
  if (!url) {
    console.error('DATABASE_URL: missing. Set it to postgres://user:password@host:port/database.');
    process.exitCode = 1;
    return;
  }
  try {
    const { applied } = await migrate(url);
    if (applied.length === 0) console.log('Nothing to apply: the schema is up to date.');
    for (const name of applied) console.log(`Applied ${name}`);
  } catch (error) {
    // The message only: the error of a driver may carry the address with its password.
    console.error(`Not migrated: ${reasonOf(error)}`);
    process.exitCode = 1;
  }
}

/** A name with several addresses fails with an empty message and a code. */
function reasonOf(error: unknown): string {
  const { message, code } = error as { message?: string; code?: string };
  return message || code || 'unknown error';
}

await main();
