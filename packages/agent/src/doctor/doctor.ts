import { errorText, SixhubError } from '@sixhub/base';
import { notTested, wrong, type Finding } from '@sixhub/base/finding';
import { namesOf } from '../domain/status.js';
import type { RunParts } from '../run/parts.js';
import type { StoredIdentity } from '../state/identity-file.js';
import { examineCertificate } from './certificate.js';
import { examineHub, type ReachHub } from './hub.js';
import { examineIdentity } from './identity.js';
import { examineService } from './service.js';
import { examineUnits, type AskSystemd } from './units.js';

export interface DoctorParts extends Omit<RunParts, 'hub' | 'journal' | 'keys' | 'host'> {
  /** Undefined where it is enrolled nowhere. */
  readonly identity: StoredIdentity | undefined;
  readonly reach: ReachHub;
  /** Undefined where systemd does not run. */
  readonly systemd: AskSystemd | undefined;
}

/** What was found about one thing. */
export interface Examined {
  readonly about: 'machine' | 'hub' | 'certificate' | 'service';
  readonly subject: string;
  readonly findings: readonly Finding[];
}

/**
 * From the machine by way of the hub to what its services show, in the order in which one needs the other. Changes nothing
 * and reloads nothing; of the hub it only asks what it would ask anyway.
 */
export async function* examine(parts: DoctorParts): AsyncGenerator<Examined> {
  const { identity, clock, services } = parts;
  yield {
    about: 'machine',
    subject: 'this machine',
    findings: [
      ...examineIdentity(identity, clock.now()),
      ...(await apart(() => examineUnits(parts.systemd))),
    ],
  };
  let wanted = (await parts.store.readManifest())?.manifest.certificates ?? [];
  for (const hub of identity?.hubs ?? []) {
    const { findings, manifest } = await examineHub(hub, parts.reach);
    wanted = manifest?.certificates ?? wanted;
    yield { about: 'hub', subject: hub, findings };
  }
  const memory = await parts.store.readMemory();
  for (const name of namesOf({ services, memory, wanted })) {
    const findings = await apart(() => examineCertificate(parts, name, wanted, memory[name]));
    yield { about: 'certificate', subject: name, findings };
  }
  for (const service of services) {
    const findings = await apart(() => examineService(parts, service, wanted));
    yield { about: 'service', subject: service.name, findings };
  }
}

/** What could not be examined is a finding as well, and no reason to leave the rest out. */
async function apart(look: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof SixhubError) return [wrong(error.fact, error.hint)];
    return [notTested(`it could not be examined to its end: ${errorText(error)}`)];
  }
}
