/** The server process: configuration, composition, signals. The only place that ends the process. */
import { readBoardsFile } from './boards-file.ts';
import { compose } from './compose.ts';
import { ConfigError, loadConfig } from './config.ts';
import { describeConfig } from './config-shown.ts';
import { createLogger } from './observe/logger.ts';
import { onStopSignal } from './stop-signals.ts';

async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const log = createLogger({ level: config.logLevel });
  const boards = config.boardsFile === undefined ? [] : await readBoardsFile(config.boardsFile);
  const server = compose(config, boards, log);

  let stopping = false;
  const stop = async (signal: string) => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'stopping: draining');
    const failed = await server.stop();
    log.info(
      { failed },
      failed.length === 0 ? 'stopped: everything is flushed' : 'stopped, not everything cleanly',
    );
    process.exit(failed.length === 0 ? 0 : 1);
  };
  // The first signal drains; a second one says that waiting is worse than what a drain would save. Dirty entries stay in Redis.
  onStopSignal((signal) => void stop(signal));
  // Set only when a parent process started us with a channel: we end with it.
  if (process.connected) process.on('disconnect', () => void stop('disconnect'));
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'unhandled rejection'));

  log.info({ config: describeConfig(config) }, 'starting');
  const { url } = await server.start();
  log.info({ url }, 'listening');
}

try {
  await main();
} catch (error) {
  // A refusal is for a person: one message, no stack. Anything else is a fault of ours, with its stack.
  const known = error instanceof ConfigError || (error instanceof Error && error.name === 'Error');
  console.error(known ? `photofinish did not start: ${(error as Error).message}` : error);
  process.exit(1);
}
