import { errorText, programFailure } from '@sixhub/base';
import { kernelBack, tablesBack } from '../domain/apply/kernel-back.js';
import { aheadOfLeaving, leavingCard } from '../domain/apply/leaving.js';
import { rewritingLost } from '../domain/apply/rewriting-back.js';
import type { Snapshot } from '../domain/apply/snapshot.js';
import { networkd, unitsBack, withoutReload } from '../domain/apply/units.js';
import { clientsBack, endCommand, ofDevices } from '../domain/dhcp-clients.js';
import { readDhcpClients } from '../facts/dhcp-clients.js';
import { bringFilesBack } from './keep-files.js';
import { readKernelState } from './read-kernel-state.js';
import { readUnits } from './read-units.js';
import { runWords, type Run } from './run.js';
import { startClient } from './start-client.js';

export interface Undoing {
  readonly run: Run;
  /** Of the store, where the copies are. */
  readonly directory: string;
  readonly note: (line: string) => Promise<void>;
  /** What the change told to managers and services: they are told again, and nobody else is. */
  readonly told: readonly string[];
  /** Before the network starts: the kernel is as it was born, and PID 1 starts what is enabled. */
  readonly atBoot: boolean;
}

export interface Undone {
  readonly faults: readonly string[];
  /** What can't be brought back by anybody; nobody who tries again gets further. */
  readonly lost: readonly string[];
}

/**
 * Back to a snapshot. The network first, so that the host is reached again while daemons still restart; then files, units, and
 * the kernel once more, since a network manager that reads its old files may have moved something. Nothing is given up at a
 * failure: each is told, and the rest is done. What is left is returned.
 */
export async function undo(to: Snapshot, work: Undoing): Promise<Undone> {
  const { run, directory, note, atBoot, told } = work;
  const faults: string[] = [];
  let kernelFaults: string[] = [];
  let lost: readonly string[] = [];
  const tell = async (line: string): Promise<void> => note(line).catch(() => undefined); // a full disk: the deed matters
  const carryOut = async (given: string, into = faults): Promise<void> => {
    const command = withoutReload(given);
    await tell(`back: ${command}`);
    const failure = programFailure(await runWords(run, command));
    if (failure === undefined) return;
    into.push(`${command}: ${failure}`);
    await tell(`failed: ${failure}`);
  };
  const kernel = async (): Promise<boolean> => {
    kernelFaults = [];
    const now = await readKernelState(run, to.devices);
    const commands = kernelBack(to.kernel, now);
    lost = rewritingLost(to.kernel.rewriting, now.rewriting);
    for (const command of commands) await carryOut(command, kernelFaults);
    const tables = tablesBack(to.kernel, now);
    if (tables !== undefined) {
      await tell('back: our tables of rules');
      const failure = programFailure(await run('nft', ['-f', '-'], { input: tables }));
      if (failure !== undefined) kernelFaults.push(`nft: ${failure}`);
    }
    return commands.length > 0 || tables !== undefined;
  };

  const wasTold = (pattern: RegExp): boolean => told.some((command) => pattern.test(command));
  const filesBack = async (): Promise<void> => {
    const files = await bringFilesBack(directory, to);
    for (const path of files.changed) await tell(`back: ${path}`);
    faults.push(...files.faults.map(errorText));
  };
  const managersBack = async (): Promise<void> => {
    if (wasTold(/^netplan /)) await carryOut('netplan generate');
    if (atBoot || !wasTold(/^networkctl |networkd/)) return;
    if (to.units.some(({ unit, active }) => unit === networkd && active))
      await carryOut('networkctl reload');
  };
  const units = unitsBack(to.units, await readUnits(run));
  const later = atBoot ? 'systemctl --no-block' : 'systemctl';
  const clients = clientsBack(to.dhcpClients, ofDevices(await readDhcpClients(), to.devices));
  if (!atBoot) {
    for (const client of clients.ended) await carryOut(endCommand(client));
    for (const command of units.endedFirst) await carryOut(command);
    // networkd would put a card that leaves a bridge back in, by the files that it knows.
    const commands = kernelBack(to.kernel, await readKernelState(run, to.devices));
    if (commands.some((command) => leavingCard(command) !== undefined)) {
      for (const command of aheadOfLeaving(commands)) await carryOut(command, kernelFaults);
      await filesBack();
      await managersBack();
    }
    await kernel();
  }
  for (const command of atBoot ? [...units.endedFirst, ...units.ended] : units.ended) {
    await carryOut(command.replace('systemctl stop', `${later} stop`));
  }
  await filesBack();
  for (const command of units.settled) await carryOut(command);
  if (wasTold(/daemon-reload/) || units.settled.length > 0) {
    await carryOut('systemctl daemon-reload');
  }
  await managersBack();
  for (const command of units.started) await carryOut(command.replace('systemctl', later));
  if (atBoot) return { faults, lost };
  await kernel();
  for (const command of reloads(to, told, units.started)) await carryOut(command);
  const end = (await settled(kernel)) ? [] : [...kernelFaults, 'the kernel is not as it was'];
  // Last, since it may change the card's address as soon as it runs, as it might have all along.
  for (const client of clients.started) {
    await tell(`back: ${client.words.join(' ')}`);
    const failure = await startClient(run, client);
    if (failure !== undefined) faults.push(`${client.words.join(' ')}: ${failure}`);
  }
  return { faults: [...faults, ...end], lost };
}

/** Daemons that ran with the old file read it again, also when an undo before this one was killed on the way. */
const readers: readonly (readonly [unit: string, how: string])[] = [
  ['radvd.service', 'reload-or-restart'],
  ['named.service', 'reload-or-restart'],
  ['unbound.service', 'reload-or-restart'],
  ['sixhub-ndppd.service', 'restart'],
  ['jool.service', 'restart'],
  ['sixhub-tayga.service', 'restart'],
];

function reloads(
  { units }: Snapshot,
  told: readonly string[],
  started: readonly string[],
): readonly string[] {
  return readers.flatMap(([unit, how]) => {
    const ran =
      units.some((one) => one.unit === unit && one.active) &&
      !started.some((command) => command.includes(unit)); // it has just begun with its old file
    return ran && told.some((one) => one.includes(unit)) ? [`systemctl ${how} ${unit}`] : [];
  });
}

const mostLooks = 15;
const betweenLooksMs = 150;

/** What a manager does a moment later is undone as well; a second look that finds nothing is the end. */
async function settled(kernel: () => Promise<boolean>): Promise<boolean> {
  for (let look = 0; look < mostLooks; look++) {
    if (!(await kernel())) return true;
    await new Promise((resolve) => setTimeout(resolve, betweenLooksMs));
  }
  return false;
}
