import type { CertificateName, ServiceResult, WantedCertificate } from '@sixhub/protocol';
import type { Memory } from './remembered.js';
import type { Service } from './service.js';
import type { Installed } from './version.js';

/** A certificate as this machine can tell it without asking anybody. */
export interface CertificateStatus {
  readonly name: CertificateName;
  readonly installed: Installed['kind'];
  /** Why what is installed can't be used, is not ours, or is not kept as agent.toml wants it. */
  readonly why?: string;
  readonly fingerprint?: string;
  readonly notAfter?: string;
  /** The version that the hub wanted at the last run. */
  readonly wanted?: string;
  /** That version is installed, if not all of its copies. */
  readonly current: boolean;
  readonly detail: string;
  readonly retryAt?: string;
  readonly services: readonly (
    ServiceResult | { readonly service: string; readonly state: 'unseen' }
  )[];
}

export interface Known {
  readonly services: readonly Service[];
  readonly memory: Memory;
  readonly wanted: readonly WantedCertificate[];
}

/** Those that the hub gives, then those that only agent.toml names. */
export function namesOf({ wanted, services }: Known): ReadonlySet<CertificateName> {
  return new Set([
    ...wanted.map(({ name }) => name),
    ...services.flatMap(({ certificates }) => certificates),
  ]);
}

export function describeCertificate(
  { services, memory, wanted }: Known,
  name: CertificateName,
  installed: Installed,
): CertificateStatus {
  const goal = wanted.find((each) => each.name === name);
  const last = memory[name];
  const own = services.filter(({ certificates }) => certificates.includes(name));
  return {
    name,
    installed: installed.kind,
    ...describeInstalled(installed),
    ...(goal === undefined ? {} : { wanted: goal.version }),
    current: installed.kind === 'whole' && installed.version.fingerprint === goal?.fingerprint,
    detail: goal === undefined ? 'the hub does not give it to this machine' : (last?.detail ?? ''),
    ...(last?.retryAt === undefined ? {} : { retryAt: last.retryAt }),
    services: own.map(
      ({ name: service }) =>
        last?.services.find((result) => result.service === service) ?? {
          service,
          state: 'unseen',
        },
    ),
  };
}

function describeInstalled(
  installed: Installed,
): Pick<CertificateStatus, 'why' | 'fingerprint' | 'notAfter'> {
  switch (installed.kind) {
    case 'absent':
      return {};
    case 'whole': {
      const { fingerprint, notAfter } = installed.version;
      const { amiss } = installed;
      return {
        fingerprint,
        notAfter: notAfter.toISOString(),
        ...(amiss === undefined ? {} : { why: amiss }),
      };
    }
    case 'damaged':
    case 'foreign':
      return { why: installed.why };
    default:
      return installed satisfies never;
  }
}
