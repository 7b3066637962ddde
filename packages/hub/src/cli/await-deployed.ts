import { setTimeout as sleep } from 'node:timers/promises';
import { exitCodes, formatDuration, wrap, type ExitCode, type Terminal } from '@sixhub/base';
import type { CertificateView } from './answers.js';
import type { HubClient } from './client.js';
import { needLines, sheetOf, standingLines } from './standing-text.js';
import type { Telling } from './telling.js';

const lookEveryMs = 500;

interface DeploymentWait {
  readonly name: string;
  readonly version: string;
  readonly waitMs: number;
  readonly json: boolean;
}

/**
 * Returns when every agent with a grant has reported on the version: 0 where all serve it, 1 where one does not, 4
 * where one has not said a word. A rollout that was stopped is 1 at once. A version that has replaced it meanwhile is as good.
 */
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
    const wanted = new Set([version, view.version?.id]);
    const reported = view.deployments.filter((deployment) => wanted.has(deployment.version));
    const silent = view.agents.filter((agent) => !reported.some((one) => one.agent === agent));
    telling.deploying(name, silent);
    const halted = view.rollout !== null && view.rollout.state !== 'running';
    if (silent.length === 0 || halted || Date.now() > end) {
      telling.issued(name);
      const outcome = { kind: 'deployed', certificate: name, silent, deployments: reported };
      if (json) terminal.out(JSON.stringify({ ...outcome, standings: view.standings }));
      else tell(view, silent, waitMs, terminal);
      const bad =
        (halted && view.rollout?.because !== 'no-word') ||
        reported.some(
          ({ installed, services }) =>
            !installed || services.some(({ state }) => state !== 'serving'),
        );
      return bad ? exitCodes.failed : silent.length > 0 ? exitCodes.unreachable : exitCodes.done;
    }
    await sleep(lookEveryMs, undefined, { signal: terminal.signal }).catch(() => {
      throw terminal.signal.reason;
    });
  }
}

/** Which do not serve it and why, in the program's own words, then each as `hub show` has it. */
function tell(
  { name, rollout, standings = [] }: CertificateView,
  silent: readonly string[],
  waitMs: number,
  terminal: Terminal,
): void {
  const sheet = sheetOf('certificate', terminal);
  const concerned = standings.filter(({ state }) => state !== 'not-granted' && state !== 'removed');
  const lines = [...needLines(concerned, sheet), ...standingLines(concerned, sheet)];
  if (lines.length > 0) terminal.out(lines.join('\n'));
  const waiting = new Set<string>(rollout?.waiting);
  const mute = silent.filter((agent) => !waiting.has(agent));
  const told = [
    ...(mute.length === 0
      ? []
      : [
          `${name}: no word ${rollout?.state === 'stopped' ? 'yet' : `within ${formatDuration(waitMs)}`} from ${mute.join(', ')}`,
        ]),
    ...(waiting.size === 0
      ? []
      : [
          `${name}: ${waiting.size} agents keep the version before until their turn; see hub rollout ${name}`,
        ]),
  ];
  for (const line of told) terminal.err(wrap(line, terminal.errColumns ?? Infinity, 2));
}
