import { setTimeout as sleep } from 'node:timers/promises';
import { exitCodes, formatDuration, type ExitCode, type Terminal } from '@sixhub/base';
import type { CertificateView } from './answers.js';
import type { HubClient } from './client.js';
import { serviceLines } from './show.js';
import type { Telling } from './telling.js';

const lookEveryMs = 500;

interface DeploymentWait {
  readonly name: string;
  readonly version: string;
  readonly waitMs: number;
  readonly json: boolean;
}

/** Returns when every agent with a grant has reported on the version: 0 where all serve it, 1 where one does not. */
export async function awaitDeployed(
  hub: HubClient,
  { name, version, waitMs, json }: DeploymentWait,
  telling: Pick<Telling, 'deploying' | 'issued'>,
  terminal: Terminal,
): Promise<ExitCode> {
  const end = Date.now() + waitMs;
  for (;;) {
    const view = await hub.call<CertificateView>(
      'GET',
      `/v1/certificates/${encodeURIComponent(name)}`,
    );
    const reported = view.deployments.filter((deployment) => deployment.version === version);
    const silent = view.agents.filter((agent) => !reported.some((one) => one.agent === agent));
    telling.deploying(name, silent);
    if (silent.length === 0 || Date.now() > end) {
      telling.issued(name);
      const bad = reported.some(
        ({ installed, services }) =>
          !installed || services.some(({ state }) => state !== 'serving'),
      );
      if (json)
        terminal.out(
          JSON.stringify({ kind: 'deployed', certificate: name, silent, deployments: reported }),
        );
      else {
        for (const line of serviceLines(view)) terminal.out(`  ${line}`);
        if (silent.length > 0) {
          terminal.err(
            `${name}: no word within ${formatDuration(waitMs)} from ${silent.join(', ')}`,
          );
        }
      }
      return bad ? exitCodes.failed : silent.length > 0 ? exitCodes.unreachable : exitCodes.done;
    }
    await sleep(lookEveryMs, undefined, { signal: terminal.signal }).catch(() => {
      throw terminal.signal.reason;
    });
  }
}
