/** The real server as a process of its own, with a database of its own, for tests that use it as its users do. */
import { inject } from 'vitest';
import { migrate } from '../../server/src/postgres/migrate.ts';
import { type ServerProcess, spawnServer } from './server-process.ts';
import { freshDatabase } from './services.ts';

export { type ServerProcess, signToken } from './server-process.ts';

export interface StartOptions {
  env?: Record<string, string>;
  /** Share these with another server instead of making new ones. */
  databaseUrl?: string;
  redisUrl?: string;
  jwtSecret?: string;
}

export async function startServer(options: StartOptions = {}): Promise<ServerProcess> {
  const database = options.databaseUrl ? undefined : await freshDatabase(inject('postgresUrl'));
  const databaseUrl = options.databaseUrl ?? database?.url ?? '';
  if (database) await migrate(databaseUrl);
  const server = await spawnServer({
    databaseUrl,
    redisUrl: options.redisUrl ?? inject('redisUrl'),
    ...(options.jwtSecret === undefined ? {} : { jwtSecret: options.jwtSecret }),
    ...(options.env === undefined ? {} : { env: options.env }),
  });
  return {
    ...server,
    async stop() {
      const code = await server.stop();
      await database?.drop();
      return code;
    },
  };
}
