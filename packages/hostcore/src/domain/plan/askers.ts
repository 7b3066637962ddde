import type { Facts } from '../facts.js';
import type { Host } from '../host.js';
import { formatAddress } from '../ip-address.js';
import { formatNetwork } from '../ip-network.js';
import { openResolvers, ownOptions, ownZones } from '../own-resolver.js';
import type { Loss } from '../said.js';

/**
 * Who is not answered any more once ours is BIND's named.conf.options: it listens on IPv6 alone and answers its clients
 * alone, zones among what it answers. Empty where BIND does not change, or is ours already.
 */
export function lostAskers(host: Host, { files }: Pick<Facts, 'files'>): readonly Loss[] {
  const { dns64, inside } = host;
  const before = ownOptions(files);
  if (dns64?.engine !== 'bind' || before === undefined) return [];
  const clients = [inside.network, ...dns64.clients].map(formatNetwork).join(', ');
  const address = formatAddress(inside.address);
  const open = openResolvers(files).filter(({ program }) => program === 'BIND');
  return [
    ...open.map(({ line, text }) => ({
      ...{ line, text },
      why: `everybody could ask; then ${clients} alone. Who else may belongs into dns64.clients`,
    })),
    ...(before.ipv4 === undefined
      ? []
      : [
          {
            ...{ line: undefined, text: before.ipv4 },
            why: `nobody is answered over IPv4 any more${asksItself(files)}`,
          },
        ]),
    ...ownZones(files).map(({ path, line, text, ownQuery }) => ({
      line: undefined,
      text: `${text} (${path}:${line})`,
      why: ownQuery
        ? `answered at ::1 and ${address} alone, to whom its own allow-query lets ask`
        : `answered at ::1 and ${address} alone, and only to ${clients}; now to ${asked(before.query?.text)}. An allow-query of the zone's own widens that`,
    })),
  ];
}

function asked(query: string | undefined): string {
  return query?.replace(/^allow-query \{ (.*?);? \}$/, '$1') ?? 'everybody';
}

function asksItself(files: Facts['files']): string {
  const own = /^\s*nameserver\s+127\.0\.0\.1\b/m.test(files.get('/etc/resolv.conf') ?? '');
  return own ? ', this host among them: /etc/resolv.conf asks 127.0.0.1' : '';
}
