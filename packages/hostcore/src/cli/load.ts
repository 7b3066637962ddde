import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import {
  errorText,
  exitCodes,
  nearest,
  runProgram,
  SixhubError,
  systemCode,
  usageError,
} from '@sixhub/base';
import { configError } from '@sixhub/base/config';
import { readUnits } from '../apply/read-units.js';
import { runHere } from '../apply/run.js';
import { readSaid } from '../adopt/managers.js';
import { inOneLine, readEstate, sha256, type Estate } from '../config/read-estate.js';
import type { Facts } from '../domain/facts.js';
import type { Host } from '../domain/host.js';
import { layout } from '../domain/layout.js';
import type { RenderedFile } from '../domain/rendered.js';
import { wantedSysctls } from '../domain/sysctls.js';
import { readDhcpClients } from '../facts/dhcp-clients.js';
import { readKernel } from '../facts/kernel.js';
import { readMachine } from '../facts/machine.js';
import { readNetworkManager } from '../facts/network-manager.js';
import { sshConnection } from '../facts/session.js';
import { ourTables } from '../render/nftables.js';
import { render } from '../render/render.js';

export async function readEstateFile(file: string): Promise<Estate> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const code = systemCode(error);
    const missing = code === 'ENOENT';
    if (code === 'EISDIR') {
      throw usageError(
        `${file} is a directory`,
        `Name the file in it: -c ${join(file, 'host.toml')}`,
      );
    }
    if (code === 'EACCES') throw usageError(`this user may not read ${file}`, 'Try with sudo.');
    throw new SixhubError({
      code: 'config-unreadable',
      fact: missing ? `there is no ${file}` : `${file} can't be read: ${errorText(error)}`,
      hint: missing
        ? 'Make one: `hostcore adopt` reads what this host has, `hostcore init` asks. Or name it with --config.'
        : 'Name the right file with --config.',
      exit: exitCodes.usage,
      cause: error,
    });
  });
  return readEstate(file, text);
}

/** A description without contradictions; all of them are told at once. */
export async function readSoundEstate(file: string): Promise<Estate> {
  const estate = await readEstateFile(file);
  if (estate.complaints.length > 0) {
    throw configError(file, estate.complaints.map(inOneLine));
  }
  return estate;
}

/** The one that is named, or is alone, or is this machine. */
export function chooseHost(
  hosts: readonly Host[],
  wanted: string | undefined,
  own: string | undefined,
): Host {
  const names = hosts.map(({ name }) => name);
  const name = wanted ?? (hosts.length === 1 ? names[0] : (own ?? hostname().split('.')[0]));
  const found = hosts.find((one) => one.name === name);
  if (found !== undefined) return found;
  if (wanted === undefined) {
    throw usageError(
      `host.toml describes ${names.join(', ')}, and none is called ${name ?? 'as this machine'}`,
      `Say which with --host NAME.`,
    );
  }
  const meant = nearest(wanted, names);
  throw usageError(
    `host.toml describes no host '${wanted}'`,
    meant === undefined ? `It has: ${names.join(', ')}.` : `Did you mean '${meant}'?`,
  );
}

export interface Look {
  readonly root: string;
  /** Whether the kernel is asked, or files alone. */
  readonly kernel: boolean;
}

export interface Loaded {
  readonly host: Host;
  readonly rendered: readonly RenderedFile[];
  readonly facts: Facts;
  readonly unreadable: readonly string[];
}

/** The host with what was found of it, on this machine, or below another root. */
export async function loadHost(
  estate: Estate,
  config: string,
  wanted: string | undefined,
  look: Look,
): Promise<Loaded> {
  const early = wanted ?? (estate.hosts.length === 1 ? estate.hosts[0]?.name : undefined);
  const guess = estate.hosts.find(({ name }) => name === early);
  const guessed = guess === undefined ? undefined : render(guess, config, sha256);
  const machine = await readMachine(
    look.root,
    (guessed ?? []).map(({ path }) => path),
  );
  const host = chooseHost(estate.hosts, wanted, machine.hostname);
  const rendered = host === guess && guessed !== undefined ? guessed : render(host, config, sha256);
  const rules = rendered.find(({ path }) => path === '/etc/sixhub/nftables.nft')?.text ?? '';
  // Units are those of the machine whose kernel it is.
  const ofUnits = look.kernel && look.root === '/' ? readUnits(runHere) : Promise.resolve([]);
  const kernel = look.kernel
    ? await readKernel({
        run: runProgram,
        sysctls: [
          ...wantedSysctls(host).map(({ key }) => key),
          ...layout(host).map(({ device }) => `net/ipv6/conf/${device}/disable_ipv6`),
          ...bridgeSysctls,
        ],
        ourTables,
        rulesFile: rules,
        sshConnection: await sshConnection(),
      })
    : undefined;
  const networkManager = look.kernel ? await readNetworkManager(runProgram) : undefined;
  const units = await ofUnits;
  const { release, packages, masked, files, modes, unreadable } = machine;
  return {
    ...{ host, rendered, unreadable },
    facts: {
      ...{ release, packages, masked, files, modes, kernel, said: readSaid(files, kernel) },
      ...(units.length === 0 ? {} : { units }),
      ...(networkManager === undefined ? {} : { networkManager }),
      ...(kernel === undefined ? {} : { dhcpClients: await readDhcpClients() }),
      hostname: machine.hostname,
    },
  };
}

const bridgeSysctls = ['iptables', 'ip6tables', 'arptables'].map(
  (tool) => `net/bridge/bridge-nf-call-${tool}`,
);
