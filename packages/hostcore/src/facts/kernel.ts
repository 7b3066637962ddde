import { readFile } from 'node:fs/promises';
import type { RunProgram } from '@sixhub/base';
import type { Kernel, Listener } from '../domain/facts.js';
import { parseAddress } from '../domain/ip-address.js';
import { readDevices, readRoutes } from './devices.js';
import { readNeighbours, readProxied } from './neighbours.js';
import { readRules } from './rules.js';

export interface KernelQuestion {
  readonly run: RunProgram;
  readonly sysctls: readonly string[];
  readonly ourTables: readonly string[];
  readonly rulesFile: string | undefined;
  readonly sshConnection: string | undefined;
}

/** The kernel of the network namespace that this runs in; undefined where it can't be asked at all. */
export async function readKernel(question: KernelQuestion): Promise<Kernel | undefined> {
  const { run, ourTables, rulesFile } = question;
  const [devices, routes, rules, listeners, sysctls, proxied, neighbours] = await Promise.all([
    readDevices(run),
    readRoutes(run),
    readRules(run, ourTables, rulesFile),
    readListeners(run),
    readSysctls(question.sysctls),
    readProxied(run),
    readNeighbours(run),
  ]);
  if (devices === undefined) return undefined;
  const session = sessionOf(question.sshConnection);
  return { devices, routes, rules, listeners, sysctls, proxied, neighbours, session };
}

/** `SSH_CONNECTION`: client, its port, server, its port. */
function sessionOf(connection: string | undefined): Kernel['session'] {
  const server = connection?.split(' ')[2];
  return server === undefined ? undefined : parseAddress(server.replace(/^::ffff:(?=\d+\.)/, ''));
}

async function readSysctls(keys: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  await Promise.all(
    keys.map(async (key) => {
      const value = await readFile(`/proc/sys/${key}`, 'utf8').catch(() => undefined); // no such device, or module
      if (value !== undefined) found.set(key, value.trim());
    }),
  );
  return found;
}

async function readListeners(run: RunProgram): Promise<readonly Listener[]> {
  const result = await run('ss', ['-H', '-l', '-n', '-t', '-u', '-p', 'sport', '=', ':53'], {
    timeoutMs: 10_000,
  });
  if (result.kind !== 'exited' || result.code !== 0) return [];
  return result.stdout.split('\n').flatMap((line) => {
    const [protocol = '', , , , local = '', , ...rest] = line.trim().split(/\s+/);
    const split = /^(.*?)(?:%[^:]*)?:(\d+)$/.exec(local);
    if (split === null) return [];
    const program = /"([^"]+)"/.exec(rest.join(' '))?.[1];
    const address = (split[1] ?? '').replaceAll(/[[\]]/g, '');
    return [{ protocol, address, port: Number(split[2]), program }];
  });
}
