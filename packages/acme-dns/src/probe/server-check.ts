import { rcode, recordType } from '../domain/codes.js';
import { listenText, type ListenAddress } from '../domain/listen-address.js';
import { ask, type Answered } from './ask.js';
import { notTested, ok, wrong, type Finding } from './finding.js';

/** Asks one server over UDP and TCP whether it is authoritative for the zone (RFC 1035 §4.1.1, RFC 6891, RFC 7766). */
export async function checkServer(
  where: ListenAddress,
  domain: string,
  who: string,
): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  for (const transport of ['udp', 'tcp'] as const) {
    const answer = await ask(where, domain, recordType.SOA, { transport });
    const over = transport.toUpperCase();
    found.push(judge(answer, `${who} at ${listenText(where)}: ${over}`, domain, over, where.port));
  }
  return found;
}

function judge(
  answer: Answered,
  place: string,
  domain: string,
  over: string,
  port: number,
): Finding {
  if (answer.kind === 'silent') {
    if (answer.noRoute)
      return notTested(`${place}: ${answer.reason}`, 'This machine has no way there; others may.');
    return wrong(
      `${place}: ${answer.reason}`,
      `Is it running, and does a firewall let ${over} port ${port} in from everywhere?`,
    );
  }
  const { response, from } = answer;
  if (response.rcode === rcode.refused)
    return wrong(
      `${place}: REFUSED for ${domain}`,
      'Another program answers there, or it serves another zone: compare general.domain.',
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
  return ok(`${place}: authoritative, with EDNS (asked from ${from})`);
}
