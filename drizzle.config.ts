/** Read by drizzle-kit alone (`npm run db:generate -- NAME`). It needs no database. */
import { defineConfig } from 'drizzle-kit';

export default defineConfig({
  dialect: 'postgresql',
  schema: [
    './server/src/postgres/schema.ts',
    './server/src/postgres/schema-flags.ts',
    './server/src/postgres/schema-pending-finals.ts',
    './server/src/postgres/schema-player-deletions.ts',
  ],
  out: './drizzle',
});
