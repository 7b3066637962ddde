import { releases, type Release } from '../domain/host.js';
import { software } from '../domain/software.js';
import type { Unread } from './reading.js';
import { extraSection, machineSections, routeSections } from './sections/machines.js';
import { networkSections, resolversOf } from './sections/network.js';
import { translationSections } from './sections/translation.js';
import type { Survey } from './survey.js';
import { writeToml, type Section } from './toml.js';

/** host.toml of what was found. What is rendered from it does the same, but for what is told as unread. */
export interface Adopted {
  readonly name: string;
  readonly toml: string;
  readonly sections: readonly Section[];
  readonly unread: readonly Unread[];
  /** What was taken for granted. */
  readonly assumed: readonly string[];
}

export interface Circumstances {
  readonly hostname: string | undefined;
  /** As os-release has it: `debian 12`. */
  readonly release: string | undefined;
  readonly domain: string | undefined;
  /** Of an IPv4 address, the MAC address that the kernel knows for it. */
  readonly neighbours: ReadonlyMap<string, string>;
  readonly cardMac: (device: string) => string | undefined;
}

export function adopt(found: Survey, around: Circumstances): Adopted | undefined {
  const { concluded } = found;
  if (concluded === undefined) return undefined;
  const assumed: string[] = [];
  const unread = [...found.unread];
  const name = (around.hostname ?? 'host').toLowerCase().replaceAll(/[^a-z0-9-]/g, '-');
  const release = releaseOf(around.release, assumed);
  if (found.manager === 'ifupdown') {
    assumed.push(
      `ifupdown has the network; ${release.startsWith('ubuntu') ? 'netplan' : 'networkd'} takes it over`,
    );
  }
  const own = `host.${name}`;
  const sections = [
    {
      header: `[${own}]`,
      entries: [
        ['domain', around.domain],
        ['release', release],
        ['manager', found.manager === 'ifupdown' ? undefined : found.manager],
        ['resolvers', resolversOf(found, concluded, assumed)],
      ] as const,
    },
    ...networkSections(own, found, concluded, { cardMac: around.cardMac, assumed }),
    ...translationSections(own, found, concluded, {
      hasDomain: around.domain !== undefined,
      unread,
    }),
    ...machineSections(own, found, concluded, { neighbours: around.neighbours, unread }),
    ...routeSections(own, found, concluded),
    extraSection(own, found),
  ];
  const opening = `${name}, as hostcore found it. \`hostcore plan\` shows what it would change.`;
  return { name, toml: writeToml([opening], sections), sections, unread, assumed };
}

function releaseOf(found: string | undefined, assumed: string[]): Release {
  const known = releases.find((one) => software[one].name.toLowerCase() === found);
  if (known !== undefined) return known;
  const nearest = found?.startsWith('ubuntu') === true ? 'ubuntu22.04' : 'debian12';
  assumed.push(
    `release ${found ?? 'unknown'}: written as ${nearest}, which is the nearest that is known`,
  );
  return nearest;
}
