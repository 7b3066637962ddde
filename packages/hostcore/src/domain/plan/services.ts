import { clientsHere, endCommand } from '../dhcp-clients.js';
import type { Facts } from '../facts.js';
import type { Host } from '../host.js';
import type { RenderedFile, Taker } from '../rendered.js';
import type { FileChange } from './files.js';
import { unitCommands, unitFaults, type UnitFault } from './unit-steps.js';

/** What is told of the changes, each once, and by what. */
export interface ServiceStep {
  readonly what: string;
  readonly command: string;
  readonly because: readonly string[];
  /** Of a step that no file asks for: how systemd has the unit. */
  readonly fault?: UnitFault;
}

interface Draft extends Pick<ServiceStep, 'what' | 'fault'> {
  readonly because: string[];
  readonly order: number;
}

export function planServices(
  host: Host,
  rendered: readonly RenderedFile[],
  files: readonly FileChange[],
  facts: Facts,
): readonly ServiceStep[] {
  const steps = new Map<string, Draft>();
  const add = (
    order: number,
    command: string,
    what: string,
    path: string,
    fault?: UnitFault,
  ): void => {
    const step = steps.get(command) ?? { what, because: [], order, ...(fault && { fault }) };
    step.because.push(path);
    steps.set(command, step);
  };
  const fresh = new Set(
    files.flatMap(({ taker, action }) =>
      taker.kind === 'unit-file' && action === 'create' ? [taker.unit] : [],
    ),
  );
  for (const { path, taker } of files) {
    for (const [order, command, what] of told(taker, fresh)) add(order, command, what, path);
  }
  for (const daemon of ownUnits(host)) {
    const end = rivalEnd(daemon, fresh, facts);
    if (end === undefined) continue;
    const why = `two would fight for the ${contested(daemon)}`;
    const fault = { unit: `${daemon}.service`, is: end.is, why };
    add(-1, end.command, `${end.what}: ${why}`, `sixhub-${daemon}.service`, fault);
  }
  const fromIfupdown = files.some(
    ({ path, action }) => action === 'set-aside' && path.startsWith('/etc/network/'),
  );
  if (fromIfupdown) {
    add(
      8,
      'systemctl disable networking',
      'ifupdown has nothing left to do at boot',
      '/etc/network/interfaces',
    );
  }
  if (host.manager === 'networkd' && files.some(isNetwork)) {
    add(
      2,
      'systemctl enable --now systemd-networkd',
      fromIfupdown
        ? 'networkd runs, now and after each boot: under ifupdown it did neither'
        : 'networkd runs, now and after each boot; where it does, nothing comes of it',
      '05-sixhub-*',
    );
  }
  for (const { client, devices, kept } of clientsHere(host, facts)) {
    if (kept !== undefined) continue; // lint says so, and apply refuses
    const why = 'when its lease runs out, it would take all IPv4 away';
    const fault = { unit: `dhclient on ${devices.join(', ')}`, is: 'not off', why } as const;
    const what = `dhclient ends, and leaves ${devices.join(', ')} as it is: ${why}`;
    // When networkd has the address.
    add(4, endCommand(client), what, client.words.join(' '), fault);
  }
  for (const fault of unitFaults(rendered, facts)) {
    const { unit, is, why } = fault;
    const name = unit.replace(/\.service$/, '');
    if ([...steps.keys()].some((command) => command.split(' ').some(isNamed(name)))) continue;
    const order = name === 'systemd-networkd' ? 2 : 5;
    for (const command of unitCommands(fault)) {
      add(order, command, `${unit} is ${is}: ${why}`, unit, fault);
    }
  }
  return [...steps]
    .sort(([, one], [, other]) => one.order - other.order)
    .map(([command, { what, because, fault }]) => ({
      ...{ what, command, because },
      ...(fault && { fault }),
    }));
}

function isNamed(name: string): (word: string) => boolean {
  return (word) => word === name || word === `${name}.service`;
}

interface RivalEnd extends Pick<UnitFault, 'is'> {
  readonly what: string;
  readonly command: string;
}

/** How another unit of a daemon of ours ends; undefined where it has. */
function rivalEnd(daemon: string, fresh: ReadonlySet<string>, facts: Facts): RivalEnd | undefined {
  const unit = `${daemon}.service`;
  const isFresh = fresh.has(`sixhub-${unit}`);
  // What masks a unit would stand in the place of one that somebody wrote there; and no package starts that.
  if (facts.files.has(`/etc/systemd/system/${unit}`)) {
    const state = facts.units?.find((one) => one.unit === unit);
    const isOff = state === undefined ? !isFresh : !state.active && state.file !== 'enabled';
    if (isOff) return undefined;
    const what = `a unit of ${daemon} that was written by hand stops, and stays where it is`;
    return { is: 'not off', what, command: `systemctl disable --now ${unit}` };
  }
  // Of a unit that its package has not brought yet as well; `disable` knows none that is not there. A package that comes or is
  // renewed starts its unit, and ours conflicts with that.
  if (facts.masked?.has(unit) === true || (!isFresh && facts.packages === undefined))
    return undefined;
  const what = `Debian's own unit of ${daemon} stops, and stays off whatever its package does`;
  return { is: 'not masked', what, command: `systemctl mask --now ${unit}` };
}

/** Daemons that run by a unit of ours. */
function ownUnits({ nat64, uplink }: Host): readonly string[] {
  return [
    ...(nat64?.engine === 'tayga' ? ['tayga'] : []),
    ...(uplink.mode === 'on-link' && uplink.proxy === 'ndppd' ? ['ndppd'] : []),
  ];
}

/** What two of a kind would fight for. */
function contested(daemon: string): string {
  return daemon === 'tayga' ? 'device' : 'answers';
}

function isNetwork({ taker }: FileChange): boolean {
  return taker.kind === 'network';
}

type Told = readonly [order: number, command: string, what: string];

function told(taker: Taker, fresh: ReadonlySet<string>): readonly Told[] {
  switch (taker.kind) {
    case 'none':
      return [];
    case 'sysctl':
      // The kernel's own changes have each setting that differs: nobody else's are read anew.
      return [];
    case 'modules':
      return [[0, 'systemctl restart systemd-modules-load', 'kernel modules are loaded']];
    case 'mount':
      return [
        [
          9,
          `mount ${taker.target}`,
          `${taker.target} is mounted; what runs keeps its old files open, a reboot is cleaner`,
        ],
      ];
    case 'network':
      return taker.manager === 'netplan'
        ? [
            // `netplan apply` would touch every device of the host.
            [2, 'netplan generate', 'netplan makes files for networkd'],
            [3, 'networkctl reload', 'networkd reconfigures the devices whose files changed'],
          ]
        : [[3, 'networkctl reload', 'networkd reconfigures the devices whose files changed']];
    case 'unit-file':
      return [
        [0, 'systemctl daemon-reload', 'systemd reads its units'],
        ...(fresh.has(taker.unit)
          ? [
              [
                5,
                `systemctl enable --now ${taker.unit}`,
                `${taker.unit} starts, now and at each boot`,
              ] as const,
            ]
          : [
              [
                6,
                `systemctl restart ${taker.unit}`,
                `${taker.unit} runs as its new file has it`,
              ] as const,
            ]),
      ];
    case 'service':
      if (fresh.has(taker.unit)) return [];
      return [
        [
          6,
          `systemctl ${taker.how}-or-restart ${taker.unit}`.replace('restart-or-', ''),
          `${taker.unit} takes its new file`,
        ],
      ];
    default:
      return taker satisfies never;
  }
}
