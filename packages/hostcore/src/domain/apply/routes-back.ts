import type { DeviceState, KernelState, RouteState } from './kernel-state.js';

/** A device as it was, and as it is where it is still there. */
export interface DevicePair {
  readonly was: DeviceState;
  readonly is: DeviceState | undefined;
}

/** Those that were not there; with a device that goes, its own go by themselves. */
export function spareRoutes(
  before: KernelState,
  now: KernelState,
  gone: ReadonlySet<string>,
): readonly string[] {
  return now.routes
    .filter((one) => !before.routes.some((other) => sameRoute(one, other)))
    .filter(({ words }) => !gone.has(/ dev (\S+)/.exec(words)?.[1] ?? ''))
    .map(({ family, words }) => `ip -${family} route del ${words}`);
}

/** With the last IPv4 address of a device its IPv4 routes go, and with a device all. */
export function missingRoutes(
  before: KernelState,
  now: KernelState,
  pairs: readonly DevicePair[],
): readonly string[] {
  const forgets = pairs
    .filter(({ was, is }) => is !== undefined && losesFour(was, is))
    .map(({ was }) => was.name);
  const absent = pairs.flatMap(({ was, is }) =>
    is === undefined && was.kind !== 'bridge' ? [was.name] : [],
  );
  return before.routes
    .filter(({ words }) => !absent.includes(/ dev (\S+)/.exec(words)?.[1] ?? ''))
    .filter(({ family, words }) => {
      const there = now.routes.some((other) => sameRoute({ family, words }, other));
      return !there || (family === 4 && forgets.includes(/ dev (\S+)/.exec(words)?.[1] ?? ''));
    })
    .map((one) => {
      const how = hasTwin(one, before, now) ? 'append' : 'replace';
      return `ip -${one.family} route ${how} ${one.words}`;
    });
}

/**
 * Whether it stood beside another one to the same place, as networkd's comes to stand beside ifupdown's: each would replace the
 * other. IPv6 knows no such pair.
 */
function hasTwin(route: RouteState, before: KernelState, now: KernelState): boolean {
  if (route.family === 6) return false;
  const twins = before.routes.filter(
    (one) => one.family === 4 && one !== route && placeOf(one) === placeOf(route),
  );
  const isThere = (one: RouteState): boolean => now.routes.some((other) => sameRoute(one, other));
  return twins.some(
    (one) => isThere(one) || before.routes.indexOf(one) < before.routes.indexOf(route),
  );
}

/** What makes the kernel take one route for another's successor: where to, and the metric. */
function placeOf({ words }: RouteState): string {
  return `${words.split(' ', 1)[0]} ${/ metric (\d+)/.exec(words)?.[1] ?? '0'}`;
}

function losesFour(was: DeviceState, is: DeviceState): boolean {
  const four = is.addresses.filter(({ family }) => family === 4);
  return (
    four.length > 0 && !four.some(({ text }) => was.addresses.some((one) => one.text === text))
  );
}

function sameRoute(one: RouteState, other: RouteState): boolean {
  return one.family === other.family && one.words === other.words;
}
