import type { Facts } from '../facts.js';
import type { Host } from '../host.js';
import { neededPackages, type NeededPackage } from '../packages.js';
import type { RenderedFile } from '../rendered.js';
import type { Digest } from '../stable-address.js';
import { planFiles, type FileChange } from './files.js';
import { planKernel } from './kernel.js';
import type { KernelChange } from './kernel-change.js';
import { planServices, type ServiceStep } from './services.js';
import { fateOfSession, type SessionFate } from './session.js';

/** Everything that stands between the host as it is and as host.toml has it. Pure: looking is somebody else's. */
export interface Plan {
  readonly packages: readonly NeededPackage[];
  readonly users: readonly string[];
  readonly files: readonly FileChange[];
  readonly kernel: readonly KernelChange[];
  readonly services: readonly ServiceStep[];
  readonly session: SessionFate;
}

export function makePlan(
  host: Host,
  rendered: readonly RenderedFile[],
  facts: Facts,
  digest: Digest,
): Plan {
  const files = planFiles(host, rendered, facts, digest);
  const kernel = planKernel(host, facts);
  return {
    packages: neededPackages(host).filter(({ name }) => facts.packages?.has(name) === false),
    users: missingUsers(host, facts),
    ...{ files, kernel },
    services: planServices(host, rendered, files, facts),
    session: fateOfSession(host, facts, kernel),
  };
}

export function isEmpty({ packages, users, files, kernel, services }: Plan): boolean {
  return [packages, users, files, kernel, services].every(({ length }) => length === 0);
}

function missingUsers({ extras }: Host, { files }: Facts): readonly string[] {
  const line = /^libvirt:[^:]*:[^:]*:(.*)$/m.exec(files.get('/etc/group') ?? '')?.[1];
  const members = (line ?? '').split(',');
  return extras.libvirtUsers.filter((user) => !members.includes(user));
}
