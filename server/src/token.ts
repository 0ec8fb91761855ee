/** Command: prints a token and nothing else, so that `$(npm run --silent token -- …)` is the token.
 *
 *    npm run token -- --role server --sub match-host --ttl 1h */
import { tokenOf, USAGE, UsageError } from './auth/token-command.ts';
import { ConfigError } from './config.ts';

const args = process.argv.slice(2);
if (args.includes('--help') || args.includes('-h')) console.log(USAGE);
else
  try {
    console.log(await tokenOf(args, process.env));
  } catch (error) {
    if (error instanceof UsageError) console.error(`${error.message}\n\n${USAGE}`);
    else if (error instanceof ConfigError) console.error(error.message);
    else throw error;
    process.exitCode = 1;
  }
