import { errorText, Opened, type RunProgram } from '@sixhub/base';
import type { Host } from '../domain/host.js';
import type { Looked, Seen, StrangerSeen } from '../domain/verify/seen.js';
import type { Targets } from '../domain/verify/targets.js';
import { openClient, type Client } from '../probe/client.js';
import { openStranger } from '../probe/stranger.js';
import { sweep } from '../probe/sweep.js';
import { lookAsClient } from './client-look.js';
import { hostReaches, lookAtKernel } from './kernel-look.js';
import { lookAsStranger } from './stranger-look.js';
import { openUplinkWatch } from './uplink-look.js';

/** What looking needs from outside. */
export interface VerifyPorts {
  readonly run: RunProgram;
  /** The command that starts this program, for the workers of its probes: Node and the file. */
  readonly program: readonly string[];
}

/**
 * The probes are laid beside each other, and everything that can wait for something else does so at once: what takes
 * longest is an advertisement, which a router may hold back for three seconds (RFC 4861 §6.2.6).
 */
export async function look(host: Host, ports: VerifyPorts, targets: Targets): Promise<Seen> {
  const { run, program } = ports;
  await sweep(run);
  const strange = seen(asStranger(host, ports));
  const reached = hostReaches(targets);
  const uplinkAndClient = seen(asClient(host, run, program, targets));
  const [stranger, reaches, both] = await Promise.all([strange, reached, uplinkAndClient]);
  const kernel = await lookAtKernel(host, run, reaches);
  if (both.kind === 'blind') return { targets, kernel, stranger, client: both, uplink: both };
  return { targets, kernel, stranger, ...both.value };
}

async function asStranger(host: Host, { run, program }: VerifyPorts): Promise<StrangerSeen> {
  await using stranger = await openStranger(host, run, program);
  // Awaited here: the stranger is closed with this block.
  return await lookAsStranger(host, run, stranger);
}

async function asClient(
  host: Host,
  run: RunProgram,
  program: readonly string[],
  targets: Targets,
): Promise<Pick<Seen, 'client' | 'uplink'>> {
  await using opened = new Opened();
  const watch = await openUplinkWatch(host, run);
  if (watch.kind === 'seen') opened.use(watch.value);
  const opening = await seen(onBridge(host, run, program));
  if (opening.kind === 'seen') opened.use(opening.value);
  const client =
    opening.kind === 'blind'
      ? opening
      : await seen(lookAsClient(host, run, opening.value, targets));
  const uplink =
    watch.kind === 'blind'
      ? watch
      : { kind: 'seen' as const, value: await watch.value.result(client) };
  return { client, uplink };
}

async function onBridge(host: Host, run: RunProgram, program: readonly string[]): Promise<Client> {
  if (!host.inside.bridge) {
    throw new Error(
      `there is no bridge: a client would have to stand behind ${host.inside.device} itself`,
    );
  }
  return openClient(host, run, program);
}

/** What could not be looked at is told with why, and the rest is looked at all the same. */
async function seen<T>(looking: Promise<T>): Promise<Looked<T>> {
  try {
    return { kind: 'seen', value: await looking };
  } catch (error) {
    return { kind: 'blind', why: errorText(error) };
  }
}
