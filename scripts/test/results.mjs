/** Counts from vitest's JSON report; a run that ended badly has at least one failure, whatever the report says. */
export function countResults(report, exitCode) {
  const tests = (report?.testResults ?? []).flatMap((file) => file.assertionResults ?? []);
  const count = (status) => tests.filter((test) => status.includes(test.status)).length;
  // A file that could not even be loaded has no test to fail.
  const brokenFiles = (report?.testResults ?? []).filter(
    (file) =>
      file.status === 'failed' && !file.assertionResults?.some((test) => test.status === 'failed'),
  ).length;
  const failed = count(['failed']) + brokenFiles;
  const passed = count(['passed']);
  const endedBadly = exitCode !== 0 || passed + failed === 0;
  return {
    passed,
    failed: failed === 0 && endedBadly ? 1 : failed,
    skipped: count(['skipped', 'pending', 'todo', 'disabled']),
  };
}

export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
