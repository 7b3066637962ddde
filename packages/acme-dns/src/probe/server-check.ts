import { rcode, recordType } from '../domain/codes.js';
import { listenText, type ListenAddress } from '../domain/listen-address.js';
import { ask, type Answered } from './ask.js';
import { notTested, ok, wrong, type Finding } from './finding.js';
import type { DelegationOptions } from './parent.js';

/** Asks one server over UDP and TCP whether it is authoritative for the zone (RFC 1035 §4.1.1, RFC 6891, RFC 7766). */
export async function checkServer(
  { domain, route, settings }: ServerOptions,
  where: ListenAddress,
  who: string,
): Promise<readonly Finding[]> {
  const way = await route.to(where.address);
  if (way.kind === 'none')
    return [notTested(`${who} at ${listenText(where)}: ${way.reason}`, noWay)];
  const found: Finding[] = [];
  for (const transport of ['udp', 'tcp'] as const) {
    const answer = await ask(where, domain, recordType.SOA, { transport, by: way.by });
    const over = transport.toUpperCase();
    const place = `${who} at ${listenText(where)}: ${over}`;
    const through = way.kind === 'nat64' ? ` through the NAT64 ${way.prefix}` : '';
    const asked = { place, domain, over, port: where.port, setting: settings.domain, through };
    found.push(judge(answer, asked));
  }
  return found;
}

const noWay = 'This machine has no way there; others may.';

type ServerOptions = Pick<DelegationOptions, 'domain' | 'route' | 'settings'>;

interface Asked {
  readonly place: string;
  readonly domain: string;
  readonly over: string;
  readonly port: number;
  /** What the domain is called in the configuration. */
  readonly setting: string;
  readonly through: string;
}

function judge(answer: Answered, asked: Asked): Finding {
  const { place, domain, over, port, setting, through } = asked;
  if (answer.kind === 'silent') {
    if (answer.noRoute) return notTested(`${place}: ${answer.reason}`, noWay);
    return wrong(
      `${place}: ${answer.reason}`,
      `Is it running, and does a firewall let ${over} port ${port} in from everywhere?`,
    );
  }
  const { response, from } = answer;
  if (response.rcode === rcode.refused)
    return wrong(
      `${place}: REFUSED for ${domain}`,
      `Another program answers there, or it serves another zone: compare ${setting}.`,
    );
  if (!response.authoritative || !response.answer.some(({ type }) => type === recordType.SOA))
    return wrong(
      `${place}: not authoritative for ${domain}`,
      'A resolver answers there, or the address belongs to another machine.',
    );
  if (!response.edns)
    return wrong(
      `${place}: answers without EDNS`,
      'A box between takes it out; let DNS pass unchanged.',
    );
  return ok(`${place}: authoritative, with EDNS (asked from ${from}${through})`);
}
