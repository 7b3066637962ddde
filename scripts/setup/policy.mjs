import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** Debian asks this program before a package may start its service; 101 forbids it (invoke-rc.d(8)). */
const policyFile = '/usr/sbin/policy-rc.d';
const keptFile = `${policyFile}.kept-by-sixhub`;
const mark = '# put here by Sixhub while it installs packages; safe to remove';

/** Runs `work` while no package may start a service; what was there before is back afterwards, on Ctrl-C too. */
export async function withoutServiceStarts(work) {
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const name of signals) process.on(name, onSignal);
  forbid();
  try {
    await work(stop.signal);
  } finally {
    restore();
    for (const name of signals) process.off(name, onSignal);
  }
}

function forbid() {
  // One that a killed run of ours left is not the administrator's.
  if (existsSync(policyFile) && !isOurs()) renameSync(policyFile, keptFile);
  writeFileSync(policyFile, `#!/bin/sh\n${mark}\nexit 101\n`, { mode: 0o755 });
}

function restore() {
  rmSync(policyFile, { force: true });
  if (existsSync(keptFile)) renameSync(keptFile, policyFile);
}

function isOurs() {
  return readFileSync(policyFile, 'utf8').includes(mark);
}
