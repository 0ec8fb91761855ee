/** The command line of the bench. */
import { parseArgs } from 'node:util';
import { BenchFailure } from './failure.ts';
import { isRatioName, RATIO_NAMES, type RatioName } from './goals.ts';
import { FULL, QUICK, type Scale } from './scale.ts';

export const USAGE = `npm run bench [-- --quick] [--only NAME] [--json FILE] [--profile FOLDER]

  --quick      three short rounds on small seasons, all in under three minutes
  --only NAME  one ratio, or several: --only ack.single --only settle, or --only ack.single,settle
  --json FILE  writes the report there
  --profile FOLDER  writes a CPU profile of each server there, for Chrome's or an editor's viewer; it slows them down

  names: ${RATIO_NAMES.slice(0, 8).join(', ')},
         ${RATIO_NAMES.slice(8).join(', ')}

Exits 0 when everything that was acknowledged is right and every goal is met, 1 when a goal is missed (a quick run only says so and
exits 0: its figures decide nothing), 2 on wrong arguments, 3 when a result was wrong or could not be had.`;

export interface Options {
  scale: Scale;
  only: readonly RatioName[];
  json: string | undefined;
  profile: string | undefined;
  help: boolean;
}

const SWITCHES = ['quick', 'help'];
const VALUES = ['only', 'json', 'profile'];

/** @throws BenchFailure that says all that is wrong with them */
export function readOptions(args: readonly string[]): Options {
  const { values, tokens } = parseArgs({
    args: [...args],
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: {
      quick: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
      only: { type: 'string', multiple: true },
      json: { type: 'string' },
      profile: { type: 'string' },
    },
  });
  const wrong: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') wrong.push(`${token.value}: not an option; options begin with --`);
    if (token.kind !== 'option') continue;
    if (VALUES.includes(token.name)) {
      if (!token.value || token.value.startsWith('-'))
        wrong.push(`--${token.name}: say which, like --${token.name}=${EXAMPLES[token.name]}`);
    } else if (!SWITCHES.includes(token.name)) wrong.push(`${token.rawName}: there is no such option`);
    else if (token.value !== undefined) wrong.push(`${token.rawName}: takes no value`);
  }
  const named = ((values['only'] ?? []) as unknown[]).filter((list) => typeof list === 'string');
  const names = named.flatMap((list) => list.split(',')).map((name) => name.trim());
  const unknown = names.filter((name) => name !== '' && !isRatioName(name));
  if (unknown.length > 0)
    wrong.push(
      `--only: there is no ratio ${unknown.map((name) => JSON.stringify(name)).join(', ')}; one of ${RATIO_NAMES.join(', ')}`,
    );
  if (wrong.length > 0) throw new BenchFailure(wrong.join('\n'));
  return {
    scale: values['quick'] ? QUICK : FULL,
    only: names.length === 0 ? RATIO_NAMES : RATIO_NAMES.filter((name) => names.includes(name)),
    json: values['json'] as string | undefined,
    profile: values['profile'] as string | undefined,
    help: values['help'] === true,
  };
}

const EXAMPLES: Record<string, string> = { only: 'ack.single', json: 'report.json', profile: 'profiles' };
