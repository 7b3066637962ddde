import { enabledUnits, places, type AgentFile, type AgentFiles } from './agent-files.js';
import type { Found } from './found.js';

/** From what is there to what is to be there: steps in their order. What is in place makes none, so that none is left the second time. */
export type Step =
  | { readonly kind: 'install-node' }
  | { readonly kind: 'make-directory'; readonly path: string }
  | { readonly kind: 'write'; readonly file: AgentFile; readonly replaces: boolean }
  | { readonly kind: 'systemctl'; readonly words: readonly string[] }
  | {
      readonly kind: 'enrol';
      readonly name: string;
      readonly grants: readonly string[];
      /** In place of an identity that is worth nothing any more. */
      readonly again: boolean;
    }
  | { readonly kind: 'grant'; readonly name: string; readonly certificate: string }
  | { readonly kind: 'run'; readonly now: boolean }
  | { readonly kind: 'detect' }
  | { readonly kind: 'remove-agent'; readonly name: string }
  | { readonly kind: 'delete'; readonly path: string };

export type Plan =
  | { readonly kind: 'steps'; readonly steps: readonly Step[] }
  | { readonly kind: 'obstacle'; readonly obstacle: Obstacle };

/** What a person has to decide first. */
export type Obstacle =
  | { readonly kind: 'packaged'; readonly by: string }
  | { readonly kind: 'no-node'; readonly found: string | undefined; readonly hasApt: boolean }
  /** The machine is somebody else at a hub, perhaps at another one. */
  | { readonly kind: 'other-identity'; readonly agent: string; readonly hubs: readonly string[] }
  /** The hub knows an enrolled agent of that name, and this machine is not it. */
  | { readonly kind: 'name-taken'; readonly name: string };

export interface Wanted {
  readonly name: string;
  readonly grants: readonly string[];
  readonly files: AgentFiles;
  readonly installNode: boolean;
  /** What the hub knows of that name. */
  readonly known:
    | { readonly status: 'invited' | 'active' | 'removed'; readonly grants: readonly string[] }
    | undefined;
  /** SHA-256 of the CAs by which agents know this hub. */
  readonly authorities: readonly string[];
  readonly now: Date;
}

const leastNode = 18;

export function planInstallation(found: Found, wanted: Wanted): Plan {
  const obstacle = obstacleTo(found, wanted);
  if (obstacle !== undefined) return { kind: 'obstacle', obstacle };
  const { files } = wanted;
  const node: readonly Step[] = hasNode(found) ? [] : [{ kind: 'install-node' }];
  const program = writes(found, [files.program, files.launcher]);
  const units = found.runsSystemd ? writes(found, files.units) : [];
  const identity = enrolment(found, wanted);
  const setUp: readonly Step[] = [
    ...node,
    ...(program.some(({ file }) => file === files.program) && !found.files.has(places.directory)
      ? [{ kind: 'make-directory', path: places.directory } as const]
      : []),
    ...program,
    ...units,
    ...(units.length > 0 ? [{ kind: 'systemctl', words: ['daemon-reload'] } as const] : []),
    ...identity,
  ];
  const isSetUp = setUp.length === 0 && isCurrent(found, wanted);
  const proof: readonly Step[] = [
    ...(isSetUp ? [] : [{ kind: 'run', now: false } as const]),
    ...(isSetUp && !found.wantsDetection
      ? []
      : [{ kind: 'detect' } as const, { kind: 'run', now: true } as const]),
  ];
  return {
    kind: 'steps',
    steps: [...setUp, ...proof, ...starts(found, program.length + units.length > 0)],
  };
}

/** The mirror: what the installation made is undone from its last step to its first; what was not found makes no step. */
export function planRemoval(
  found: Found,
  {
    name,
    known,
    authorities,
  }: Pick<Wanted, 'known' | 'authorities'> & { readonly name: string | undefined },
): Plan {
  if (found.packagedBy !== undefined) {
    return { kind: 'obstacle', obstacle: { kind: 'packaged', by: found.packagedBy } };
  }
  const running = enabledUnits.filter((unit) => {
    const state = found.units.get(unit);
    return state?.isEnabled === true || state?.isActive === true;
  });
  const there = (paths: readonly string[]): readonly Step[] =>
    paths.filter((path) => found.files.has(path)).map((path) => ({ kind: 'delete', path }));
  const units = there([...found.files.keys()].filter((path) => path.startsWith(places.units)));
  return {
    kind: 'steps',
    steps: [
      ...(running.length > 0
        ? [{ kind: 'systemctl', words: ['disable', '--now', ...running] } as const]
        : []),
      // The identity goes last: by it, a removal that broke off knows whom to remove.
      ...(name !== undefined &&
      known !== undefined &&
      known.status !== 'removed' &&
      isOfThisHub(found, authorities)
        ? [{ kind: 'remove-agent', name } as const]
        : []),
      ...units,
      ...(units.length > 0 && found.runsSystemd
        ? [{ kind: 'systemctl', words: ['daemon-reload'] } as const]
        : []),
      ...there([places.state, places.launcher, places.directory]),
    ],
  };
}

function obstacleTo(
  found: Found,
  { name, known, installNode, authorities, now }: Wanted,
): Obstacle | undefined {
  const { identity } = found;
  if (found.packagedBy !== undefined) return { kind: 'packaged', by: found.packagedBy };
  if (!hasNode(found) && !(installNode && found.hasApt)) {
    return { kind: 'no-node', found: found.node, hasApt: found.hasApt };
  }
  // Of the same name, and unknown here: another hub's, most likely.
  const isOurs = identity?.agent === name && known !== undefined && isOfThisHub(found, authorities);
  if (identity !== undefined && !isOurs && Date.parse(identity.validUntil) > now.getTime()) {
    return { kind: 'other-identity', agent: identity.agent, hubs: identity.hubs };
  }
  if (identity?.agent !== name && known?.status === 'active') return { kind: 'name-taken', name };
  return undefined;
}

/** One that has grants and no certificate has not had its first run. */
function isCurrent({ certificates }: Found, { known }: Wanted): boolean {
  return (
    certificates.every(({ current }) => current) &&
    (certificates.length > 0 || known?.grants.length === 0)
  );
}

function hasNode({ node }: Found): boolean {
  return node !== undefined && Number.parseInt(node, 10) >= leastNode;
}

function writes(found: Found, files: readonly AgentFile[]): readonly (Step & { kind: 'write' })[] {
  return files.flatMap((file) => {
    const present = found.files.get(file.path);
    const isSame = present?.sha256 === file.sha256 && present.mode === file.mode;
    return isSame ? [] : [{ kind: 'write', file, replaces: present !== undefined }];
  });
}

/** Two hubs may both know an agent of one name: the CA tells them apart. */
function isOfThisHub({ identity }: Found, ours: readonly string[]): boolean {
  const its = identity?.authorities;
  return its === undefined || its.some((authority) => ours.includes(authority));
}

function enrolment(found: Found, wanted: Wanted): readonly Step[] {
  const { identity } = found;
  const { name, grants, known, authorities, now } = wanted;
  const isValid =
    identity?.agent === name &&
    isOfThisHub(found, authorities) &&
    known?.status === 'active' &&
    Date.parse(identity.validUntil) > now.getTime();
  if (!isValid) return [{ kind: 'enrol', name, grants, again: identity !== undefined }];
  return grants
    .filter((certificate) => !known.grants.includes(certificate))
    .map((certificate) => ({ kind: 'grant', name, certificate }));
}

function starts(found: Found, isNew: boolean): readonly Step[] {
  if (!found.runsSystemd) return [];
  const state = (unit: string): boolean => {
    const unitState = found.units.get(unit);
    return unitState?.isEnabled === true && unitState.isActive;
  };
  const isOn = enabledUnits.every(state);
  if (!isOn) return [{ kind: 'systemctl', words: ['enable', '--now', ...enabledUnits] }];
  // What runs still has the program of before.
  return isNew ? [{ kind: 'systemctl', words: ['restart', ...enabledUnits] }] : [];
}
