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

/** @throws BenchFailure that says what is wrong with them */
export function readOptions(args: readonly string[]): Options {
  let values: { quick?: boolean; only?: string[]; json?: string; profile?: string; help?: boolean };
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        quick: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true },
        json: { type: 'string' },
        profile: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }));
  } catch (error) {
    throw new BenchFailure((error as Error).message);
  }
  if (values.json === '') throw new BenchFailure('--json: name the file to write');
  return {
    scale: values.quick ? QUICK : FULL,
    only: onlyOf(values.only),
    json: values.json,
    profile: values.profile,
    help: values.help ?? false,
  };
}

function onlyOf(named: readonly string[] | undefined): readonly RatioName[] {
  if (!named) return RATIO_NAMES;
  const names = named.flatMap((list) => list.split(',')).map((name) => name.trim());
  const unknown = names.filter((name) => !isRatioName(name));
  if (unknown.length > 0)
    throw new BenchFailure(
      `--only: there is no ratio ${unknown.map((name) => JSON.stringify(name)).join(', ')}; one of ${RATIO_NAMES.join(', ')}`,
    );
  return RATIO_NAMES.filter((name) => names.includes(name));
}
