import { expect, test } from 'vitest';
import { closingLine, totalsOf, type VitestReport } from '../../checks/totals.ts';

const report = (...files: [status: string, ...tests: string[]][]): VitestReport => ({
  success: true,
  testResults: files.map(([status, ...tests], i) => ({
    name: `${i}`,
    status,
    assertionResults: tests.map((outcome) => ({ status: outcome })),
  })),
});

test('[PA4] the closing line counts tests, and names skipped ones only when there are any', () => {
  expect(closingLine(totalsOf(report(['passed', 'passed', 'passed']), 0, 0))).toBe('2 passed, 0 failed');
  expect(closingLine(totalsOf(report(['passed', 'passed', 'pending']), 0, 3))).toBe(
    '1 passed, 0 failed, 4 skipped',
  );
});

test('[PA4] a file that did not load, a crash outside of tests and a missing report count as failures', () => {
  expect(totalsOf(report(['failed'], ['passed', 'passed']), 1, 0)).toEqual({
    passed: 1,
    failed: 1,
    skipped: 0,
  });
  expect(totalsOf(report(['failed', 'failed', 'passed']), 1, 0)).toEqual({
    passed: 1,
    failed: 1,
    skipped: 0,
  });
  expect(totalsOf(report(['passed', 'passed']), 1, 0)).toEqual({ passed: 1, failed: 1, skipped: 0 });
  expect(totalsOf(undefined, 1, 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});
