import type { Facts } from '../facts.js';
import type { Host } from '../host.js';
import type { Plan } from '../plan/plan.js';
import type { KernelChange } from '../plan/kernel-change.js';
import type { RenderedFile } from '../rendered.js';
import { fileSteps } from './file-steps.js';
import { aheadOfLeaving, leavingCard } from './leaving.js';
import type { Step } from './step.js';
import { networkd, withoutReload, type UnitState } from './units.js';

export interface Circumstances {
  readonly host: Host;
  readonly plan: Plan;
  readonly rendered: readonly RenderedFile[];
  readonly facts: Facts;
  readonly units: readonly UnitState[];
  readonly isFree: (path: string) => boolean;
}

/**
 * Everything that is done, in the order that keeps VMs attached: what no longer belongs here ends; files; the kernel, by the
 * plan's own commands and so with nothing but what differs; then the managers, who find it as their files have it; then the
 * daemons that the plan names. No bridge is taken down on the way but one that VMs have left for another.
 */
export function applySteps(around: Circumstances): readonly Step[] {
  const { plan, rendered, facts, units } = around;
  const services = plan.services.map(({ command }) => command);
  const first = services.filter((command) => isFirst(command));
  const early = services.filter((command) => isEarly(command));
  const network = services.filter((command) => isNetwork(command));
  const late = services
    .filter((command) => !isFirst(command) && !isEarly(command) && !isNetwork(command))
    .filter((command) => !isDone(command, units));
  const [beforeManagers, afterManagers] = aroundManagers(
    kernelCommands(plan.kernel, services),
    units,
  );
  return [
    ...run([...first, ...endings(plan, units)]),
    ...fileSteps(plan.files, rendered, facts.files, around.isFree),
    ...run(early),
    ...run(beforeManagers),
    ...run(netplanFirst(plan, services)),
    ...run(network.flatMap((command) => networkCommands(command, units))),
    ...run(afterManagers),
    ...run(late.flatMap((command) => readied(command, units))),
    ...run(plan.users.map((user) => `usermod --append --groups libvirt ${user}`)),
  ];
}

/**
 * networkd puts a card that is taken out of a bridge back in at once, while it knows its old files alone; and what the bridge
 * tells of its new MAC address then reaches the provider, whose router sends there what it has for the host. So from the first
 * port that leaves on, the kernel is changed when networkd has read its new files.
 */
function aroundManagers(
  commands: readonly string[],
  units: readonly UnitState[],
): readonly [before: readonly string[], after: readonly string[]] {
  const leaving = commands.findIndex((command) => leavingCard(command) !== undefined);
  if (leaving < 0 || !networkdRuns(units)) return [commands, []];
  const first = new Set([...commands.slice(0, leaving), ...aheadOfLeaving(commands)]);
  return [[...first], commands.filter((command) => !first.has(command))];
}

function networkdRuns(units: readonly UnitState[]): boolean {
  return units.some(({ unit, active }) => unit === networkd && active);
}

/** To PID 1 a unit that was masked is so until all units are read anew, and what follows starts it. */
function run(commands: readonly string[]): readonly Step[] {
  return [...new Set(commands)].map((command) => ({
    kind: 'run',
    command: command.startsWith('systemctl unmask ') ? command : withoutReload(command),
  }));
}

/** Another unit of tayga takes its device and its rule away by the file that it was started with, which is about to be replaced. */
function isFirst(command: string): boolean {
  return /^systemctl (mask|disable) --now /.test(command);
}

function isEarly(command: string): boolean {
  return /daemon-reload|modules-load/.test(command);
}

function isNetwork(command: string): boolean {
  return /^(networkctl|netplan) |systemd-networkd$/.test(command);
}

/** A daemon whose file goes has nothing to do any more; while its unit is still there. */
const unitsByFile: Readonly<Record<string, string>> = {
  '/etc/systemd/system/sixhub-tayga.service': 'sixhub-tayga.service',
  '/etc/systemd/system/sixhub-nftables.service': 'sixhub-nftables.service',
  '/etc/systemd/system/sixhub-ndppd.service': 'sixhub-ndppd.service',
  // Its translator is the kernel's, and goes by the file that it was started with.
  '/etc/jool/jool.conf': 'jool.service',
  '/etc/radvd.conf': 'radvd.service',
  '/etc/bind/named.conf.options': 'named.service',
  '/etc/unbound/unbound.conf.d/sixhub.conf': 'unbound.service',
};

function endings({ files }: Plan, units: readonly UnitState[]): readonly string[] {
  return files.flatMap(({ path, action }) => {
    const unit = action === 'remove' ? unitsByFile[path] : undefined;
    const isGone = units.some((one) => one.unit === unit && !one.there); // its package, by somebody
    return unit === undefined || isGone ? [] : [`systemctl disable --now ${unit}`];
  });
}

/** Without what a daemon's own command brings: nothing is done twice. */
export function kernelCommands(
  changes: readonly KernelChange[],
  services: readonly string[],
): readonly string[] {
  const told = (unit: string): boolean => services.some((command) => command.includes(unit));
  return changes.flatMap(({ kind, action, command }) => {
    if (kind === 'rules' && action !== 'remove' && told('sixhub-nftables')) return [];
    if (command.includes('sixhub-tayga') && told('sixhub-tayga')) return [];
    return [command];
  });
}

/** A unit that neither runs nor would at boot needs no end. */
function isDone(command: string, units: readonly UnitState[]): boolean {
  const name = /^systemctl disable (?:--now )?(\S+)$/.exec(command)?.[1];
  const state = units.find(({ unit }) => unit === `${name}.service`);
  return state !== undefined && !state.active && !/^(enabled|generated)$/.test(state.file);
}

/** What netplan made of its files stays in /run until it is asked again. */
function netplanFirst({ files }: Plan, services: readonly string[]): readonly string[] {
  const touched = files.some(({ path }) => path.startsWith('/etc/netplan/'));
  return touched && !services.includes('netplan generate') ? ['netplan generate'] : [];
}

/** networkd that does not run yet reads its files when it starts, which it can't while it is masked. */
function networkCommands(command: string, units: readonly UnitState[]): readonly string[] {
  if (networkdRuns(units)) return [command];
  const starts = command === 'networkctl reload' ? `systemctl start ${networkd}` : command;
  const isMasked = units.some(({ unit, file }) => unit === networkd && file === 'masked');
  const isStart = /^systemctl (start|enable --now) /.test(starts);
  return [...(isMasked && isStart ? [`systemctl unmask ${networkd}`] : []), starts];
}

/** A unit that is masked, or not there at the next boot, is made ready before it is told. */
function readied(command: string, units: readonly UnitState[]): readonly string[] {
  const unit = /^systemctl \S+-or-restart (\S+)$|^systemctl restart (\S+\.service)$/.exec(command);
  const name = unit?.[1] ?? unit?.[2];
  const state = units.find((one) => one.unit === name);
  if (state === undefined) return [command];
  return [
    ...(state.file === 'masked' ? [`systemctl unmask ${name}`] : []),
    ...(state.file === 'masked' || state.file === 'disabled' ? [`systemctl enable ${name}`] : []),
    command,
  ];
}
