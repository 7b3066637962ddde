import { isLinkLocal, formatAddress, sameAddress, type IpAddress } from '../ip-address.js';
import type { Host } from '../host.js';
import { contains, formatNetwork } from '../ip-network.js';
import { findingsAbout, type VerifyFinding, type Why } from './finding.js';
import type { Lookup, NamesSeen, Seen } from './seen.js';

const { ok, wrong, doubtful, notTested } = findingsAbout('names');

/** DNS64 (RFC 6147), asked by a client at the name server that it was told; and by a stranger, who must not be served. */
export function judgeNames(host: Host, seen: Seen): readonly VerifyFinding[] {
  return [...judgeDns64(host, seen), ...judgeClosed(host, seen)];
}

function judgeDns64(host: Host, seen: Seen): readonly VerifyFinding[] {
  const { client, targets } = seen;
  const { nat64 } = host;
  if (nat64 === undefined) return [];
  if (client.kind === 'blind') {
    return [notTested('dns64', 'The name server was not asked.', client.why)];
  }
  const { names } = client.value;
  if (names === undefined) return [];
  const server = formatAddress(names.server);
  if ([names.four, names.made, names.six].every(({ kind }) => kind !== 'answered')) {
    const how = names.made.kind === 'closed' ? 'refuses to listen' : 'does not answer';
    return [wrong('resolver', `The name server ${server} ${how}.`, mute(host, seen, names))];
  }
  const refused = [names.four, names.made, names.six].some(
    (one) => one.kind === 'answered' && one.rcode === 5,
  );
  if (refused) {
    const what = `The name server ${server} refuses to serve a client of the inside network.`;
    const cause = `Its access list does not have ${formatNetwork(host.inside.network)}.`;
    return [wrong('resolver', what, { cause, remedy: takesFile(host) })];
  }
  return [made(host, names, targets.ipv4Name), kept(host, names, targets.ipv6Name)];
}

function mute(host: Host, { kernel }: Seen, { server }: NamesSeen): Why {
  const { dns64, inside } = host;
  const program = dns64?.engine === 'unbound' ? 'unbound' : 'named';
  const isOwn = dns64 !== undefined && sameAddress(server, inside.address);
  if (!isOwn) {
    const cause = 'It is another machine, or an address that this host does not have.';
    return { cause, remedy: 'See whether it runs, and whether the advertised address is meant.' };
  }
  if (!kernel.programs.has(program)) {
    const cause = `${program} is not running.`;
    return {
      cause,
      remedy: `\`systemctl start ${program}\`; why it ended: \`journalctl -u ${program}\`.`,
    };
  }
  const cause = `${program} runs, but does not listen at ${formatAddress(server)}, or a rule drops port 53.`;
  return { cause, remedy: `${takesFile(host)} \`ss -lnu sport = :53\` shows where it listens.` };
}

function takesFile({ dns64 }: Host): string {
  if (dns64 === undefined) return 'It is not ours: correct it there.';
  const unit = dns64.engine === 'bind' ? 'named' : 'unbound';
  return `\`hostcore plan\` shows its file; then \`systemctl reload-or-restart ${unit}\`.`;
}

function made(host: Host, { made, four, server }: NamesSeen, name: string): VerifyFinding {
  const { nat64 } = host;
  if (nat64 === undefined) throw new Error('judged without a NAT64');
  const prefix = formatNetwork(nat64.prefix);
  const answered = addresses(made);
  if (answered === undefined) {
    return wrong('dns64', `${name} could not be looked up: ${how(made)}.`, upstream(host));
  }
  const wanted = (addresses(four) ?? []).map(({ bits }) => nat64.prefix.bits | bits);
  if (answered.length === 0 && wanted.length === 0) {
    const cause = `${formatAddress(server)} knows no IPv4 address of it either.`;
    const remedy = 'Name one that has IPv4 alone with --ipv4-name.';
    return doubtful('dns64', `${name} has no address.`, { cause, remedy });
  }
  const outside = answered.filter((one) => !contains(nat64.prefix, one));
  if (answered.length === 0) {
    const cause = 'The name server makes no addresses: its DNS64 is off, or not for this client.';
    return wrong('dns64', `${name}, which has IPv4 alone, got no IPv6 address.`, {
      ...{ cause, remedy: takesFile(host) },
    });
  }
  if (outside.length === answered.length) {
    const what = `${name} got ${formatAddress(outside[0] ?? nat64.ipv6)}, which is not in ${prefix}.`;
    const cause = `It has an IPv6 address of its own, or the DNS64 makes addresses with another prefix.`;
    const remedy = `${takesFile(host)} Or name one that has IPv4 alone with --ipv4-name.`;
    return wrong('dns64', what, { cause, remedy });
  }
  const right = answered.some(({ bits }) => wanted.length === 0 || wanted.includes(bits));
  const shown = answered.map(formatAddress).join(', ');
  return right
    ? ok('dns64', `${name}, which has IPv4 alone, is ${shown}.`)
    : wrong('dns64', `${name} is ${shown}, which is none of its IPv4 addresses in ${prefix}.`, {
        cause: 'Another translator made it, or the answer is older than a change of the name.',
        remedy: takesFile(host),
      });
}

function kept(host: Host, { six }: NamesSeen, name: string): VerifyFinding {
  const { nat64 } = host;
  const answered = addresses(six);
  if (answered === undefined) {
    return wrong('dns64-kept', `${name} could not be looked up: ${how(six)}.`, upstream(host));
  }
  const own = answered.filter((one) => nat64 === undefined || !contains(nat64.prefix, one));
  if (own.length > 0 && own.length === answered.length) {
    return ok(
      'dns64-kept',
      `${name}, which has IPv6, keeps it: ${own.map(formatAddress).join(', ')}.`,
    );
  }
  if (answered.length === 0) {
    const cause = 'It has none, or the name server drops it.';
    const remedy = 'Name one that has IPv6 with --ipv6-name.';
    return doubtful('dns64-kept', `${name} has no IPv6 address here.`, { cause, remedy });
  }
  return wrong('dns64-kept', `${name} has IPv6, and got an address that leads through the NAT64.`, {
    cause: 'The DNS64 makes addresses for names that need none.',
    remedy: takesFile(host),
  });
}

function upstream({ dns64, resolvers }: Host): Why {
  const asked = (dns64?.forwarders ?? resolvers).map(formatAddress).join(', ');
  const cause = `The name server got no answer from those that it asks${asked === '' ? '' : ` (${asked})`}.`;
  return { cause, remedy: 'Ask each with `dig`; name those that answer in dns64.forwarders.' };
}

/** NXDOMAIN is an answer: no addresses. */
function addresses(lookup: Lookup): readonly IpAddress[] | undefined {
  if (lookup.kind !== 'answered' || ![0, 3].includes(lookup.rcode)) return undefined;
  return lookup.addresses.filter((one) => !isLinkLocal(one));
}

function how(lookup: Lookup): string {
  if (lookup.kind !== 'answered') return 'no answer';
  return lookup.rcode === 2 ? 'SERVFAIL' : `response code ${lookup.rcode}`;
}

/** An open resolver is used to flood others (RFC 5358). */
function judgeClosed(host: Host, { stranger }: Seen): readonly VerifyFinding[] {
  if (host.dns64 === undefined) return [];
  if (stranger.kind === 'blind') {
    const what = 'Whether the name server is closed to others.';
    return [notTested('resolver-closed', what, stranger.why)];
  }
  const { asked, heard, addresses } = stranger.value;
  const open = asked.filter(({ answer }) => answer.kind === 'answered' && answer.rcode !== 5);
  const who = addresses.map(formatAddress).join(' and ');
  if (open.length > 0) {
    const where = open.map(({ server }) => formatAddress(server)).join(', ');
    return [
      wrong(
        'resolver-closed',
        `The name server answers strangers, at ${where} (asked by ${who}).`,
        {
          cause: 'Its access list lets others than the inside network ask.',
          remedy: takesFile(host),
        },
      ),
    ];
  }
  const refused = asked.some(({ answer }) => answer.kind === 'answered');
  if (!refused && !heard) {
    const why = `Nothing of what ${who} sent reached the host: a rule drops what comes from devices that it does not know.`;
    return [notTested('resolver-closed', 'Whether the name server is closed to others.', why)];
  }
  return [ok('resolver-closed', `The name server does not serve others (asked by ${who}).`)];
}
