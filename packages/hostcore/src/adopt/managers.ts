import type { Kernel } from '../domain/facts.js';
import { masked } from '../domain/masked.js';
import type { SaidNetwork } from '../domain/said.js';
import { readIfupdown } from './ifupdown.js';
import { readNetplan } from './netplan.js';
import { readNetworkd, type Card } from './networkd.js';
import { Devices, type Unread } from './reading.js';

/** In the order in which one that has a way out is taken for the one that is in charge. */
export const managerReaders = [
  ['netplan', /^\/etc\/netplan\/.+\.yaml$/, readNetplan],
  ['networkd', /^\/etc\/systemd\/network\/[^/]+\.(network|netdev)$/, readNetworkd],
  ['ifupdown', /^\/etc\/network\/interfaces(\.d\/.+)?$/, readIfupdown],
] as const;

/** Virtual devices match patterns like `en*` as little as they match a card's MAC address. */
export function cardsOf(kernel: Kernel | undefined): readonly Card[] {
  return (kernel?.devices ?? []).filter(({ kind }) => kind === undefined || kind === 'veth');
}

/** Each file by itself: what is lost when it is taken away. */
export function readSaid(
  files: ReadonlyMap<string, string>,
  kernel: Kernel | undefined,
): ReadonlyMap<string, SaidNetwork> {
  const cards = cardsOf(kernel);
  const said = new Map<string, SaidNetwork>();
  for (const [path, text] of files) {
    const read = managerReaders.find(([, name]) => name.test(path))?.[2];
    if (read === undefined) continue;
    const devices = new Devices();
    const unread: Unread[] = [];
    read(path, text, devices, unread, cards);
    said.set(path, {
      devices: [...devices.all.values()],
      unread: unread
        .filter(({ kept }) => kept !== true)
        .map(({ line, text: words, why }) => ({ line, text: masked(words), why })),
    });
  }
  return said;
}
