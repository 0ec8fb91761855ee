import { Fault } from '@photofinish/shared/protocol/errors';
import { DrizzleQueryError } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import {
  ConnectionLost,
  DeadlinePassed,
  faultOf,
  isDataError,
  isRepeatable,
  type Stage,
} from '../../../server/src/postgres/faults.ts';

const said = (sqlState: string) =>
  Object.assign(new Error('said'), { name: 'PostgresError', code: sqlState });
const line = (code: string) => Object.assign(new Error('line'), { code });
const codeOf = (error: unknown, stage: Stage) => {
  const fault = faultOf(error, stage);
  return fault instanceof Fault ? fault.code : 'as it came';
};

describe('faults of the database', () => {
  test.each([
    ['a refused connection', line('ECONNREFUSED'), 'working', 'UNAVAILABLE'],
    ['a line lost before COMMIT', line('CONNECTION_CLOSED'), 'working', 'UNAVAILABLE'],
    ['a line lost in COMMIT', line('CONNECTION_CLOSED'), 'committing', 'OUTCOME_UNKNOWN'],
    ['a line reset in COMMIT', line('ECONNRESET'), 'committing', 'OUTCOME_UNKNOWN'],
    ['a COMMIT that was never sent', new ConnectionLost(), 'committing', 'UNAVAILABLE'],
    ['a shutdown during COMMIT', said('57P01'), 'committing', 'OUTCOME_UNKNOWN'],
    ['a conflict at COMMIT', said('40001'), 'committing', 'UNAVAILABLE'],
    ['a deadline of a write', new DeadlinePassed(5), 'working', 'OUTCOME_UNKNOWN'],
    ['a deadline in COMMIT', new DeadlinePassed(5), 'committing', 'OUTCOME_UNKNOWN'],
    ['a deadline of a read', new DeadlinePassed(5), 'reading', 'UNAVAILABLE'],
    ['a deadline before anything was sent', new DeadlinePassed(5), 'waiting', 'UNAVAILABLE'],
    ['a statement timeout', said('57014'), 'working', 'UNAVAILABLE'],
    ['a lock timeout', said('55P03'), 'working', 'UNAVAILABLE'],
    ['a full disk', said('53100'), 'working', 'UNAVAILABLE'],
    ['a standby', said('25006'), 'working', 'UNAVAILABLE'],
    ['a wrong password', said('28P01'), 'reading', 'UNAVAILABLE'],
    ['a bad value', said('22003'), 'working', 'as it came'],
    ['a statement that is wrong', said('42703'), 'working', 'as it came'],
    ['a fault of ours', new Fault('BOARD_EXISTS', 'x'), 'working', 'BOARD_EXISTS'],
  ] as const)('[PG15] %s', (_what, error, stage, code) => {
    expect(codeOf(error, stage)).toBe(code);
    expect(codeOf(new DrizzleQueryError('select secret', ['secret'], error), stage)).toBe(code);
  });

  test('[PG15] what Drizzle wraps comes out without the query and its parameters', () => {
    const root = said('42703');
    expect(faultOf(new DrizzleQueryError('select secret', ['secret'], root), 'reading')).toBe(root);
    expect(isDataError(new DrizzleQueryError('q', [], said('23505')))).toBe(true);
    expect(isDataError(said('40001'))).toBe(false);
    expect(isRepeatable(said('40P01'))).toBe(true);
    expect(isRepeatable(Object.assign(new Error('not from Postgres'), { code: '40P01' }))).toBe(false);
  });
});
