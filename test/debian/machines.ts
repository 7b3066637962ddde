import { copyFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  startNameServer,
  startPebble,
  startResolver,
  type Lab,
  type NameServer,
  type Pebble,
} from '../lab/index.js';
import { makeHubAndAgent } from '../lab/debian-packages.js';
import { bootDebian, type DebianTree } from '../lab/debian-tree.js';
import { openSite, type Site } from '../lab/site.js';
import { listFiles } from './left-behind.js';
import { readDocs, type Reader } from './reader.js';

export const addresses = {
  hub: '2001:db8::53',
  web: '2001:db8::80',
  mail: '2001:db8::25',
  resolver: '2001:db8::1',
  nameServer: '2001:db8::2',
  authority: '2001:db8::ca',
} as const;
export const machines = ['hub', 'web', 'mail'] as const;
export type Machine = (typeof machines)[number];
/** Older than any that a commit makes. */
export const before = '0.0.1-1';

/**
 * Three machines with IPv6 alone, for a reader of the docs: a hub at the address that the docs use, a web and a mail server
 * with the services of their administrators; beside them a resolver, the name server of example.org and example.net, and an
 * authority.
 */
export interface Machines {
  readonly trees: Readonly<Record<Machine, DebianTree>>;
  readonly nameServer: NameServer;
  readonly pebble: Pebble;
  /** Creates the records that it is asked for. */
  readonly reader: Reader;
  /** Every file of it, before anything of ours came. */
  readonly filesBefore: ReadonlyMap<Machine, string>;
  /** Puts its package into /root, in place of another. */
  bring(name: Machine, version: 'before' | 'now'): Promise<void>;
  /** What the reader pastes when asked for it. */
  copyToken(screen: string): void;
}

export async function openMachines(lab: Lab): Promise<Machines> {
  const packages = {
    before: await makeHubAndAgent(lab, before),
    now: await makeHubAndAgent(lab),
  };
  const site = await openSite(lab);
  const { nameServer, pebble } = await startOthers(lab, site);
  let token = '';
  const reader = readDocs([
    {
      to: /^ *(_acme-challenge\.\S+)\. 300 IN CNAME (\S+)\.$/m,
      by: async ([, owner = '', target = '']) => {
        await nameServer.addRecord(`${owner} CNAME ${target}.`);
        return undefined;
      },
    },
    { to: /Paste the join token/, by: () => `${token}\n\u0004` },
    { to: /\[Y\/n\] $/, by: () => 'y' },
  ]);
  const boot = async (name: Machine): Promise<DebianTree> => {
    const tree = await bootDebian(lab, { name, network: await site.connect(addresses[name]) });
    await writeFile(join(tree.root, 'etc/resolv.conf'), `nameserver ${addresses.resolver}\n`);
    return tree;
  };
  const [hub, web, mail] = await Promise.all([boot('hub'), boot('web'), boot('mail')]);
  const trees = { hub, web, mail };
  const install = 'DEBIAN_FRONTEND=noninteractive apt-get install -y -q';
  await Promise.all([
    web.must(`${install} apache2 && a2enmod -q ssl`),
    mail.must(`${install} postfix dovecot-imapd`),
  ]);
  const filesBefore = new Map<Machine, string>();
  for (const name of machines) filesBefore.set(name, await listFiles(trees[name]));
  return {
    ...{ trees, nameServer, pebble, reader, filesBefore },
    async bring(name, version) {
      const file = packages[version][name === 'hub' ? 'sixhub-hub' : 'sixhub-agent'];
      await trees[name].run('rm -f /root/*.deb');
      await copyFile(file, join(trees[name].root, 'root', basename(file)));
    },
    copyToken(screen) {
      token = /^sixhub1\.\S+$/m.exec(screen)?.[0] ?? '';
    },
  };
}

async function startOthers(lab: Lab, site: Site): Promise<Pick<Machines, 'nameServer' | 'pebble'>> {
  const nameServer = await startNameServer(
    lab,
    ['example.org', 'example.net'],
    await site.seat(addresses.nameServer, 53),
  );
  const zone = { zone: 'acme-dns.example.net', at: [`[${addresses.hub}]:53`] };
  const resolver = await startResolver(
    lab,
    [...nameServer.stubs, zone],
    [],
    await site.seat(addresses.resolver, 53),
  );
  const pebble = await startPebble(lab, {
    resolver: resolver.server,
    seat: await site.seat(addresses.authority, 443),
  });
  return { nameServer, pebble };
}
