import { setTimeout as sleep } from 'node:timers/promises';
import type { RunProgram } from '@sixhub/base';

/**
 * Returns when every IPv6 address of a device can be used. Even one without duplicate address detection is tentative until
 * the kernel has noticed that the link is up, which it does a moment after it is.
 */
export async function settled(run: RunProgram, device: string): Promise<void> {
  const deadline = performance.now() + 1_500;
  while (performance.now() < deadline) {
    const shown = await run('ip', ['-6', 'address', 'show', 'dev', device, 'tentative']);
    if (shown.kind !== 'exited' || shown.stdout.trim() === '') return;
    await sleep(10);
  }
}
