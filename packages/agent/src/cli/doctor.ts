import {
  exitCodes,
  painter,
  programFailure,
  runProgram,
  SixhubError,
  systemClock,
  type ExitCode,
  type Terminal,
} from '@sixhub/base';
import type { Finding } from '@sixhub/base/finding';
import { countFindings, countsText, findingsText } from '@sixhub/base/finding-text';
import { examine } from '../doctor/doctor.js';
import type { AskSystemd } from '../doctor/units.js';
import { openHub } from '../hub/client.js';
import { openTree } from '../live/tree.js';
import { serviceControl } from '../services/control.js';
import { configurationReader } from '../services/readers.js';
import { readIdentity } from '../state/identity-file.js';
import { stateStore } from '../state/store.js';
import { seeOnWire } from '@sixhub/wire';
import { copiesOf, machineFiles, readMachine, systemdRuns } from './machine.js';

interface Input {
  readonly options: { readonly config: string };
  readonly json: boolean;
}

const titles = {
  machine: (subject: string) => subject,
  hub: (subject: string) => `${subject}, the hub`,
  certificate: (subject: string) => `${subject}, a certificate`,
  service: (subject: string) => `${subject}, a service`,
} as const;

export async function doctor({ options, json }: Input, terminal: Terminal): Promise<ExitCode> {
  const machine = await readMachine(options.config);
  const identity = await readIdentity(machine.state);
  const paint = painter(terminal.colour?.out === true);
  const findings: Finding[] = [];
  const examination = examine({
    identity,
    clock: systemClock,
    services: machine.services,
    tree: await openTree(machine.live, systemClock, machine.keepings),
    copies: copiesOf(machine),
    control: serviceControl(runProgram),
    read: configurationReader({ run: runProgram, files: machineFiles }),
    see: seeOnWire,
    store: stateStore(machine.state),
    systemd: systemdRuns() ? askSystemd : undefined,
    async reach(address) {
      if (identity === undefined) throw new Error('nobody is known here');
      using hub = openHub({ ...identity, hubs: [address] }, terminal.signal);
      return (await hub.manifest(undefined)).manifest;
    },
  });
  for await (const examined of examination) {
    findings.push(...examined.findings);
    const title = titles[examined.about](examined.subject);
    terminal.out(
      json
        ? JSON.stringify(examined)
        : findingsText(title, examined.findings, paint, terminal.outColumns),
    );
  }
  const counts = countFindings(findings);
  if (!json) terminal.out(countsText(counts));
  return counts.wrong === 0 ? exitCodes.done : exitCodes.failed;
}

/** systemctl(1): one line a property, `Name=value`; a unit that is not there has them too. */
const askSystemd: AskSystemd = async (unit, properties) => {
  const words = ['show', `--property=${properties.join(',')}`, unit];
  const result = await runProgram('systemctl', words);
  if (result.kind !== 'exited' || result.code !== 0) {
    throw new SixhubError({
      code: 'systemctl-failed',
      fact: `systemctl ${words.join(' ')}: ${programFailure(result) ?? 'it said nothing'}`,
      hint: 'See `systemctl status`.',
    });
  }
  return new Map(
    result.stdout.split('\n').flatMap((line) => {
      const at = line.indexOf('=');
      return at === -1 ? [] : [[line.slice(0, at), line.slice(at + 1)] as const];
    }),
  );
};
