import { describe, expect, test } from 'vitest';
import { HELP, readOptions } from '../../../client-sim/src/options.ts';
import { Stop } from '../../../client-sim/src/stop.ts';

const env = { JWT_SECRET: 's'.repeat(32) };
const problem = (argv: string[], environment: Record<string, string> = env): string => {
  try {
    readOptions(argv, environment);
  } catch (error) {
    expect(error).toBeInstanceOf(Stop);
    return (error as Stop).message;
  }
  return expect.fail('no problem was named');
};

describe('options', () => {
  test('[SIM5] defaults are filled in, and the board is named after its rules', () => {
    expect(readOptions(['--operator', 'sum', '--sort', 'asc', '--seed', '5'], env)).toMatchObject({
      url: 'http://127.0.0.1:8080',
      players: 200,
      rate: 20,
      seconds: 8,
      matches: 2,
      seed: 5,
      board: 'sim-sum-asc',
      settle: false,
      json: undefined,
      databaseUrl: undefined,
    });
  });

  test('[SIM5] --json alone means standard output, wherever it stands', () => {
    expect(readOptions(['--json', '--settle'], env)).toMatchObject({ json: '-', settle: true });
    expect(readOptions(['--json'], env)).toMatchObject({ json: '-' });
    expect(readOptions(['--json', '-'], env)).toMatchObject({ json: '-' });
    expect(readOptions(['--json', 'out.json'], env)).toMatchObject({ json: 'out.json' });
  });

  test('[SIM5] an unknown option is named', () => {
    expect(problem(['--playrs', '5'])).toContain("'--playrs'");
    expect(problem(['stray'])).toContain("'stray'");
  });

  test('[SIM5] every problem is told at once, on one line, with its limit', () => {
    const told = problem(
      ['--players', '0', '--rate', 'x', '--operator', 'max', '--board', 'a b', '--url', 'ftp://x'],
      {},
    );
    for (const part of [
      '--players: use a whole number from 1 to 20000, not 0',
      '--rate: use a number from 0.1 to 200, not x',
      '--operator: use best, latest, sum, not max',
      '--board:',
      '--url:',
      'JWT_SECRET:',
    ])
      expect(told).toContain(part);
    expect(told).not.toContain('\n');
  });

  test('[SIM5] help needs nothing else and names every option', () => {
    expect(readOptions(['--help'], {})).toBeUndefined();
    for (const name of [
      'url',
      'players',
      'rate',
      'seconds',
      'matches',
      'seed',
      'board',
      'operator',
      'sort',
      'settle',
      'database',
      'json',
    ])
      expect(HELP).toContain(`--${name}`);
  });
});
