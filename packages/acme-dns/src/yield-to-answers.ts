import { readlinkSync } from 'node:fs';
import os from 'node:os';

/**
 * Makes the calling thread step back when the processor is short: the thread that answers DNS keeps its rate, however
 * many registrations and updates come in. On Linux the priority belongs to the thread (setpriority(2), "C library/kernel
 * differences"), and its number is where /proc/thread-self points. Elsewhere, and without the right, nothing changes.
 * `politeness` is a nice value: between the usual 0 and the 19 that would starve.
 */
export function yieldToAnswers(politeness = 15): void {
  try {
    const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
    if (thread > 0) os.setPriority(thread, politeness);
  } catch {
    return; // no /proc, or a sandbox without setpriority: slower under a flood, and nothing else
  }
}
