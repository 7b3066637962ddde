import type { Facts } from './facts.js';
import type { Host } from './host.js';
import type { Plan } from './plan/plan.js';
import type { UnitFault } from './plan/unit-steps.js';

/** One thing that is not as host.toml has it. */
export interface Difference {
  readonly kind: DifferenceKind;
  /** The file, route, address, setting, program. */
  readonly subject: string;
  readonly detail: string;
}

export const differenceKinds = ['file', 'kernel', 'service', 'package', 'user'] as const;
export type DifferenceKind = (typeof differenceKinds)[number];

/** What a plan would change is what has drifted; and what runs is looked at beside, which no plan knows. */
export function differences(
  host: Host,
  plan: Plan,
  programs: ReadonlySet<string>,
): readonly Difference[] {
  const faults = plan.services.flatMap(({ fault }) => fault ?? []).filter(isFirst);
  return [
    ...plan.files.map(({ path, action, edited, why }) => ({
      kind: 'file' as const,
      subject: path,
      detail: edited ? 'edited by hand' : `${fileWords[action]}: ${why}`,
    })),
    ...plan.kernel.map(({ kind, action, subject, why }) => ({
      kind: 'kernel' as const,
      subject: `${kind} ${subject}`,
      detail: `${kernelWords[action]}: ${why}`,
    })),
    ...faults.map(({ unit, is, why }) => ({
      ...{ kind: 'service' as const, subject: unit, detail: `${is}: ${why}` },
    })),
    ...neededPrograms(host)
      .filter(([program]) => !programs.has(program) && !faults.some(stops(program)))
      .map(([program, why]) => ({
        kind: 'service' as const,
        subject: program,
        detail: `not running: ${why}`,
      })),
    ...plan.packages.map(({ name, why }) => ({
      ...{ kind: 'package' as const, subject: name },
      detail: `not installed: ${why}`,
    })),
    ...plan.users.map((user) => ({
      ...{ kind: 'user' as const, subject: user },
      detail: 'not in the group libvirt',
    })),
  ];
}

/** Of a unit that takes two commands. */
function isFirst(one: UnitFault, index: number, all: readonly UnitFault[]): boolean {
  return all.findIndex(({ unit }) => unit === one.unit) === index;
}

/** A unit that is known not to run says so for its program. */
function stops(program: string): (fault: UnitFault) => boolean {
  return ({ unit, is }) => unit.includes(program) && (is === 'masked' || is === 'not running');
}

const fileWords = {
  create: 'missing',
  change: 'differs',
  replace: "somebody else's",
  remove: 'not wanted any more',
  'set-aside': 'of another network manager',
} as const;

const kernelWords = { add: 'missing', remove: 'not wanted', set: 'differs' } as const;

/** By the names that the kernel has of them: fifteen characters. */
function neededPrograms(host: Host): readonly (readonly [program: string, why: string])[] {
  const { nat64, dns64, ra, uplink, links } = host;
  const announces = links.some(({ announce }) => announce.length > 0);
  return [
    ...when(ra === undefined ? announces : ra.engine === 'radvd', 'radvd', 'advertisements'),
    ...when(ra?.engine === 'networkd', 'systemd-network', 'advertisements'),
    ...when(nat64?.engine === 'tayga', 'tayga', 'NAT64'),
    ...when(dns64?.engine === 'bind', 'named', 'DNS64'),
    ...when(dns64?.engine === 'unbound', 'unbound', 'DNS64'),
    ...when(
      uplink.mode === 'on-link' && uplink.proxy === 'ndppd',
      'ndppd',
      'neighbour discovery for the VMs',
    ),
  ];
}

function when(is: boolean, program: string, why: string): readonly (readonly [string, string])[] {
  return is ? [[program, why]] : [];
}

/** What could not be compared: that it does not differ is then not known. */
export function unseen(facts: Facts, unreadable: readonly string[]): readonly string[] {
  return [
    ...(facts.kernel === undefined ? ['the kernel'] : []),
    ...(facts.kernel !== undefined && facts.kernel.rules?.wanted === undefined
      ? ['the rules (nftables)']
      : []),
    ...unreadable,
  ];
}
