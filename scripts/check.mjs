/**
 * `npm run check`: everything that can be said about the code without a daemon; one line a step, and the whole
 * output of the first that fails. `--static` leaves the unit tests to a test run that follows.
 */
import { checkSteps, runStep } from './check/steps.mjs';

const steps = checkSteps.filter((step) => step.static || !process.argv.includes('--static'));
for (const step of steps) {
  const start = performance.now();
  const { ok, note, output } = await runStep(step);
  const seconds = ((performance.now() - start) / 1000).toFixed(1).padStart(5);
  process.stdout.write(`${ok ? 'ok  ' : 'FAIL'} ${seconds} s  ${step.name.padEnd(6)} ${note}\n`);
  if (ok) continue;
  process.stdout.write(`\n${output.trimEnd()}\n`);
  process.exitCode = 1;
  break;
}
