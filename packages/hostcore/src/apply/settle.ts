import { programFailure, SixhubError } from '@sixhub/base';
import { kernelCommands } from '../domain/apply/steps.js';
import type { Desk, Looked } from './desk.js';
import { runWords } from './run.js';

function stillThere(device: string): string {
  return `${device} is still there`;
}

const withinMs = 10_000;
const mostAgain = 3;

/**
 * Until the kernel is as described. A network manager takes a moment, and may move what was there; what is missing then is made
 * again, by the plan's own commands.
 */
export async function settleKernel(
  { run, store, signal }: Desk,
  number: number,
  look: () => Promise<Looked>,
  /** Devices that were to go: no later plan knows of them. */
  gone: readonly string[] = [],
): Promise<void> {
  const until = performance.now() + withinMs;
  for (let round = 1; ; round++) {
    signal.throwIfAborted();
    const { plan, facts } = await look();
    const left = gone.filter((name) => facts.kernel?.devices.some((one) => one.name === name));
    if (plan.kernel.length === 0 && left.length === 0) return;
    const missing = [...plan.kernel.map(({ subject }) => subject), ...left.map(stillThere)];
    if (performance.now() > until || round > mostAgain * 5) {
      throw new SixhubError({
        code: 'not-settled',
        fact: `the kernel did not become as described: ${missing.join('; ')}`,
        hint: 'Everything was taken back. Somebody else configures these devices as well; `hostcore lint` may name them.',
      });
    }
    if (round % 5 === 0) {
      for (const command of kernelCommands(plan.kernel, [])) {
        await store.note(number, `again: ${command}`);
        const failure = programFailure(await runWords(run, command));
        if (failure !== undefined) await store.note(number, `failed: ${failure}`);
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
