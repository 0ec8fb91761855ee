/** What a test run came to, computed from vitest's JSON report. */
export interface VitestReport {
  success: boolean;
  testResults: {
    name: string;
    status: string;
    assertionResults: { status: string }[];
  }[];
}

export interface Totals {
  passed: number;
  failed: number;
  skipped: number;
}

/** Files that failed without a failed test (they did not load, or a hook threw) count as one failure each.
 *  @param exitCode of vitest: a run that failed outside of any test still shows a failure
 *  @param leftOut tests that were not run because this machine lacks something */
export function totalsOf(report: VitestReport | undefined, exitCode: number, leftOut: number): Totals {
  const totals = { passed: 0, failed: 0, skipped: leftOut };
  for (const file of report?.testResults ?? []) {
    const before = totals.failed;
    for (const { status } of file.assertionResults) {
      if (status === 'passed') totals.passed++;
      else if (status === 'failed') totals.failed++;
      else totals.skipped++;
    }
    if (file.status === 'failed' && totals.failed === before) totals.failed++;
  }
  if (exitCode !== 0 && totals.failed === 0) totals.failed = 1;
  return totals;
}

/** The closing line, alone on its line. */
export const closingLine = ({ passed, failed, skipped }: Totals): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
