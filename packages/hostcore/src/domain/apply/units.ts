/** What systemd has of a unit: whether it runs, and whether it will at the next boot. */
export interface UnitState {
  readonly unit: string;
  readonly there: boolean;
  /** `enabled`, `enabled-runtime`, `disabled`, `masked`, `static`; empty where there is no file. */
  readonly file: string;
  readonly active: boolean;
}

export const networkd = 'systemd-networkd.service';

/** All that any description may start, stop, mask or enable. */
export const touchedUnits = [
  'systemd-networkd.service',
  'systemd-networkd.socket',
  'systemd-networkd-wait-online.service',
  'networking.service',
  'sixhub-nftables.service',
  'sixhub-tayga.service',
  'tayga.service',
  'jool.service',
  'named.service',
  'unbound.service',
  'radvd.service',
  'sixhub-ndppd.service',
  'ndppd.service',
  'mdmonitor.service',
] as const;

/** Oneshot units and networkd's companions may end; a daemon that a description needs may not. */
const daemons: readonly string[] = [
  ...[
    'systemd-networkd.service',
    'sixhub-nftables.service',
    'sixhub-tayga.service',
    'jool.service',
  ],
  ...['named.service', 'unbound.service', 'radvd.service', 'sixhub-ndppd.service'],
];

/** Of the daemons that were told something, those that do not run. */
export function deadUnits(
  commands: readonly string[],
  units: readonly UnitState[],
): readonly string[] {
  const told = (unit: string): boolean =>
    commands.some(
      (command) =>
        (command === 'networkctl reload' && unit === networkd) ||
        (/^systemctl (--no-reload )?(start|restart|enable|reload)/.test(command) &&
          command.includes(unit.replace(/\.service$/, ''))),
    );
  return units
    .filter(({ unit, active }) => daemons.includes(unit) && !active && told(unit))
    .map(({ unit }) => unit);
}

export interface UnitsBack {
  /** Those that would go on with what is taken away, before anything else: a manager, and who ends by a file of ours. */
  readonly endedFirst: readonly string[];
  /** Before files come back: while the units are still there. */
  readonly ended: readonly string[];
  readonly settled: readonly string[];
  readonly started: readonly string[];
}

interface Pair {
  readonly was: UnitState;
  readonly is: UnitState;
}

/** The way from the units as they are to the units as they were; nothing where they are the same. */
export function unitsBack(before: readonly UnitState[], now: readonly UnitState[]): UnitsBack {
  const pairs = before.flatMap((was) => {
    const is = now.find(({ unit }) => unit === was.unit);
    return is === undefined ? [] : [{ was, is }];
  });
  const stops = pairs.flatMap(({ was, is }) => (is.active && !was.active ? [is.unit] : []));
  const early = stops.filter((unit) => /networkd|tayga|jool/.test(unit));
  // A socket would start its service again at the next word of the kernel's.
  const isSocket = (unit: string): boolean => unit.endsWith('.socket');
  const first = [...early.filter(isSocket), ...early.filter((unit) => !isSocket(unit))];
  return {
    endedFirst: first.map(stop),
    ended: [
      ...stops.filter((unit) => !first.includes(unit)).map(stop),
      ...pairs.flatMap(({ was, is }) =>
        is.there && !was.there && is.file === 'enabled' ? [`systemctl disable ${is.unit}`] : [],
      ),
    ],
    settled: pairs.flatMap(({ was, is }) => {
      if (was.there) return [...enablement(was, is), ...dragged(was, is, pairs)];
      // It can be masked without being there.
      return is.file === 'masked' ? [`systemctl unmask ${is.unit}`] : [];
    }),
    started: pairs.flatMap(({ was, is }) =>
      was.active && !is.active ? [`systemctl start ${was.unit}`] : [],
    ),
  };
}

function stop(unit: string): string {
  return `systemctl stop ${unit}`;
}

function enablement(was: UnitState, is: UnitState): readonly string[] {
  if (was.file === is.file) return [];
  const unmask = is.file === 'masked' ? [`systemctl unmask ${was.unit}`] : [];
  switch (was.file) {
    case 'masked':
      return [`systemctl mask ${was.unit}`];
    case 'enabled':
      return [...unmask, `systemctl enable ${was.unit}`];
    case 'disabled':
      return [...unmask, `systemctl disable ${was.unit}`];
    // netplan's generator makes that of its files, which are back when systemd reads its units; what it made is still there.
    // To enable it until a reboot would have it without netplan as well.
    case 'enabled-runtime':
      return is.file === 'enabled' ? [`systemctl disable ${was.unit}`] : unmask;
    default:
      return unmask;
  }
}

/** What networkd has in `Also=` is enabled and disabled with it (systemd.unit(5)), whatever it was before, and comes after it here. */
function dragged(was: UnitState, is: UnitState, pairs: readonly Pair[]): readonly string[] {
  if (was.unit === networkd || !was.unit.startsWith('systemd-networkd')) return [];
  const leader = pairs.find((one) => one.was.unit === networkd);
  const commands = leader?.was.there === true ? enablement(leader.was, leader.is) : [];
  const how = commands.map((command) => command.split(' ')[1]);
  if (was.file !== is.file) return [];
  if (was.file === 'enabled' && how.includes('disable')) return [`systemctl enable ${was.unit}`];
  if (was.file === 'disabled' && how.includes('enable')) return [`systemctl disable ${was.unit}`];
  return [];
}

/** Each would have systemd read all its units anew; once is enough, by `daemon-reload`. */
export function withoutReload(command: string): string {
  return command.replace(/^systemctl (enable|disable|mask|unmask) /, 'systemctl --no-reload $1 ');
}
