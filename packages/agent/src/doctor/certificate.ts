import { doubtful, ok, wrong, type Finding } from '@sixhub/base/finding';
import type { CertificateName, WantedCertificate } from '@sixhub/protocol';
import type { Remembered } from '../domain/remembered.js';
import { shortPrint } from '@sixhub/wire';
import { isExpired } from '../domain/version.js';
import type { RunParts } from '../run/parts.js';
import { withCopies } from '../run/with-copies.js';

/** What lies under live/NAME, against what the hub wants there. */
export async function examineCertificate(
  { tree, copies, clock, services }: Pick<RunParts, 'tree' | 'copies' | 'clock' | 'services'>,
  name: CertificateName,
  wanted: readonly WantedCertificate[],
  last: Remembered | undefined,
): Promise<readonly Finding[]> {
  const goal = wanted.find((each) => each.name === name);
  const users = services
    .filter(({ certificates }) => certificates.includes(name))
    .map((service) => service.name);
  const findings: Finding[] = [];
  if (goal === undefined) {
    findings.push(
      wrong(
        `the hub does not give it to this machine, and agent.toml binds it to ${users.join(', ')}`,
        `On the hub: hub agent grant THIS-MACHINE ${name}; or take it out of agent.toml.`,
      ),
    );
  } else if (users.length === 0) {
    findings.push(
      doubtful(
        'no service of agent.toml uses it: it is installed, and nothing is reloaded or proven',
        'hub-agent detect --write finds the services that do; what reads it by itself needs none.',
      ),
    );
  }
  const installed = await withCopies(copies, name, await tree.look(name));
  switch (installed.kind) {
    case 'absent':
      if (goal === undefined) return findings;
      return [...findings, wrong('it is not installed yet', again(last))];
    case 'foreign':
      return [...findings, wrong(installed.why, 'To take it over: hub-agent run --adopt')];
    case 'damaged':
      return [...findings, wrong(`what is installed is damaged: ${installed.why}`, again(last))];
    case 'whole':
      break;
    default:
      return installed satisfies never;
  }
  const { version, amiss } = installed;
  const until = `valid until ${version.notAfter.toISOString()}`;
  const what = `${shortPrint(version.fingerprint)}…, ${until}`;
  if (isExpired(version, clock.now())) {
    findings.push(wrong(`what is installed has expired: ${what}`, again(last)));
  } else if (goal === undefined || goal.fingerprint === version.fingerprint) {
    findings.push(ok(`installed: ${what}`));
  } else {
    findings.push(
      wrong(
        `installed is ${what}, and the hub has another version, ${shortPrint(goal.fingerprint)}…`,
        again(last),
      ),
    );
  }
  if (amiss !== undefined) findings.push(wrong(amiss, again(last)));
  return findings;
}

/** With why the last run did not, where it has said. */
function again(last: Remembered | undefined): string {
  const why = last?.detail === undefined || last.detail === '' ? '' : `Last time: ${last.detail}\n`;
  return `${why}Try it now: hub-agent run --now`;
}
