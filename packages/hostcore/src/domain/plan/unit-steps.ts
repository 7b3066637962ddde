import { networkd, type UnitState } from '../apply/units.js';
import type { Facts } from '../facts.js';
import type { RenderedFile, Taker } from '../rendered.js';

/** How systemd has a unit, or that a process runs, where that is not as it is needed; with what the unit is for. */
export interface UnitFault {
  readonly unit: string;
  readonly is: 'masked' | 'not masked' | 'not off' | 'not running' | 'not enabled';
  readonly why: string;
}

/** Started for an array by udev, if there is one. */
const onDemand: readonly string[] = ['mdmonitor.service'];

/**
 * Units that a description needs and that were stopped, disabled or masked since: no file differs, and a host that is started
 * anew would do without them. Nothing is concluded where no systemd could be asked, and of a unit whose package is not there.
 */
export function unitFaults(
  rendered: readonly RenderedFile[],
  { units }: Pick<Facts, 'units'>,
): readonly UnitFault[] {
  const needed = new Map(
    rendered.flatMap(({ taker, purpose }) => {
      const unit = unitOf(taker);
      return unit === undefined || onDemand.includes(unit) ? [] : [[unit, purpose] as const];
    }),
  );
  // A netplan of networkd has it started at boot by a generator of its own.
  const byNetplan = rendered.some(
    ({ taker }) => taker.kind === 'network' && taker.manager === 'netplan',
  );
  return [...needed].flatMap(([unit, why]) => {
    const state = units?.find((one) => one.unit === unit);
    const is = state === undefined ? undefined : faultOf(state);
    if (is === undefined || (is === 'not enabled' && unit === networkd && byNetplan)) return [];
    return [{ unit, is, why }];
  });
}

function unitOf(taker: Taker): string | undefined {
  switch (taker.kind) {
    case 'service':
    case 'unit-file':
      return taker.unit;
    case 'network':
      return networkd;
    case 'none':
    case 'sysctl':
    case 'modules':
    case 'mount':
      return undefined;
    default:
      return taker satisfies never;
  }
}

function faultOf({ there, file, active }: UnitState): UnitFault['is'] | undefined {
  if (!there) return undefined;
  if (file === 'masked') return 'masked';
  if (!active) return 'not running';
  return file === 'disabled' ? 'not enabled' : undefined;
}

/** By the name that `planServices` has of networkd, without its ending. */
export function unitCommands({ unit, is }: UnitFault): readonly string[] {
  const name = unit === networkd ? 'systemd-networkd' : unit;
  return [
    ...(is === 'masked' ? [`systemctl unmask ${name}`] : []),
    `systemctl enable --now ${name}`,
  ];
}
