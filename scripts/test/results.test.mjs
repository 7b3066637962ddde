import { expect, test } from 'vitest';
import { closingLine, countResults } from './results.mjs';

const file = (status, ...tests) => ({
  status,
  assertionResults: tests.map((each) => ({ status: each })),
});

test('counts tests, not files', () => {
  const report = { testResults: [file('passed', 'passed', 'passed'), file('passed', 'skipped')] };
  expect(closingLine(countResults(report, 0))).toBe('2 passed, 0 failed, 1 skipped');
});

test('a file that could not be loaded is a failure', () => {
  const report = { testResults: [file('passed', 'passed'), file('failed')] };
  expect(closingLine(countResults(report, 1))).toBe('1 passed, 1 failed');
});

test('a run without a report, without a test, or with a bad exit is no success', () => {
  expect(countResults(undefined, 1).failed).toBe(1);
  expect(countResults({ testResults: [] }, 0).failed).toBe(1);
  expect(countResults({ testResults: [file('passed', 'passed')] }, 1).failed).toBe(1);
});
