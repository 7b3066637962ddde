import { readFile } from 'node:fs/promises';
import type { RunProgram } from '@sixhub/base';
import type { Host } from '../domain/host.js';
import { wantedSysctls } from '../domain/sysctls.js';
import type { KernelSeen, Reach } from '../domain/verify/seen.js';
import type { Targets } from '../domain/verify/targets.js';
import { readBridgePorts } from '../facts/bridge-ports.js';
import { readDevices, readRoutes } from '../facts/devices.js';
import { runningPrograms } from '../facts/programs.js';
import { readRules } from '../facts/rules.js';
import { reach } from '../probe/connect.js';

interface Reaches {
  readonly ipv4: Reach;
  readonly ipv6: Reach;
}

/** The host's own way, without the bridge and the translation. */
export async function hostReaches(targets: Targets): Promise<Reaches> {
  const [ipv4, ipv6] = await Promise.all([
    reach(targets.ipv4, undefined, 2_000),
    reach(targets.ipv6, undefined, 2_000),
  ]);
  return { ipv4, ipv6 };
}

/** The kernel of the host, after the probes: an advertisement that the host heard of itself has worked by then. */
export async function lookAtKernel(
  host: Host,
  run: RunProgram,
  reaches: Reaches,
): Promise<KernelSeen> {
  const [devices, routes, rules, sysctls, programs, ports] = await Promise.all([
    readDevices(run),
    readRoutes(run),
    readRules(run, [], undefined),
    readSettings(host),
    runningPrograms(),
    host.inside.bridge ? readBridgePorts(run, host.inside.device) : new Map<string, string>(),
  ]);
  const chains = rules?.chains;
  return { devices: devices ?? [], routes, chains, sysctls, programs, ports, ...reaches };
}

async function readSettings(host: Host): Promise<ReadonlyMap<string, string>> {
  const found = await Promise.all(
    wantedSysctls(host).map(async ({ key }) => {
      const value = await readFile(`/proc/sys/${key}`, 'utf8').catch(() => undefined); // no such device
      return value === undefined ? [] : [[key, value.trim()] as const];
    }),
  );
  return new Map(found.flat());
}
