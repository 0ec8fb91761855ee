/** The server with a guilty dirty queue. An entry point of its own, so that nothing in the server can switch it on.
 *  Run: MUTANT=spop node --conditions=source --import tsx test/torture/mutant-server.ts */
import { compose } from '../../server/src/compose.ts';
import { loadConfig } from '../../server/src/config.ts';
import { createLogger } from '../../server/src/observe/logger.ts';
import { GUILTS, GuiltyQueue } from './guilty-queue.ts';

const { MUTANT, ...env } = process.env;
const guilt = GUILTS.find((name) => name === MUTANT);
if (!guilt) throw new Error(`MUTANT is ${MUTANT}; set it to one of ${GUILTS.join(', ')}`);
const config = loadConfig(env);
const log = createLogger({ level: config.logLevel });
const server = compose(config, [], log, { dirtyQueue: (redis) => new GuiltyQueue(redis, guilt) });
process.on('unhandledRejection', (error) => log.error({ err: error }, 'unhandled rejection'));
process.on('SIGTERM', () => void server.stop().then((failed) => process.exit(failed.length === 0 ? 0 : 1)));
const { url } = await server.start();
log.info({ url }, 'listening');
