import { getServers } from 'node:dns';
import { command, exitCodes, systemClock, usageError } from '@sixhub/base';
import { concreteAddresses } from '../dns/local-addresses.js';
import { parseListenAddress, type ListenAddress } from '../domain/listen-address.js';
import type { TlsSource } from '../http/http-options.js';
import { checkCaa } from '../probe/caa-check.js';
import { Resolver } from '../probe/resolver.js';
import { Route } from '../probe/route.js';
import { checkZone } from '../probe/zone-check.js';
import { configOption } from './config-option.js';
import { acmeDnsOptions } from './config-options.js';
import { readConfig } from './config-file.js';
import { silentLog } from '../ports.js';

export const check = command({
  name: 'check',
  summary: 'look at the zone as an authority will: delegation, glue, UDP, TCP, EDNS, DS, CAA',
  description:
    'Asks this server, the zone above and every name server that it names, from this machine.\nWhat a firewall does to others it can not see.',
  operands: [],
  options: {
    config: configOption,
    resolver: {
      kind: 'text',
      value: 'ADDRESS:PORT',
      summary: "who looks names up; the system's first resolver if not given",
    },
    port: { kind: 'text', value: 'PORT', summary: 'of name servers', default: '53' },
  },
  examples: [
    { line: 'acme-dns check', does: 'says what stands between the zone and a certificate' },
  ],
  run: async ({ options, json }, terminal) => {
    const { config } = await readConfig(options.config);
    const { domain, nameServer, listen, http } = acmeDnsOptions(config, silentLog);
    const port = Number(options.port);
    if (!Number.isInteger(port) || port < 1 || port > 65_535)
      throw usageError(`--port: '${options.port}' is no port`, 'Write a number from 1 to 65535.');
    const resolver = new Resolver(resolverOf(options.resolver));
    const zone = domain.replace(/\.$/, '');
    const zoneFindings = await checkZone({
      domain: zone,
      nameServer,
      listen: listen.flatMap(concreteAddresses),
      resolver,
      port,
      settings,
      route: new Route({ resolver, clock: systemClock }),
    });
    const findings = [...zoneFindings, ...(await checkCaa(zone, issuerOf(http?.tls), resolver))];
    const wrong = findings.filter(({ state }) => state === 'wrong');
    if (json) terminal.out(JSON.stringify({ ok: wrong.length === 0, findings }));
    else {
      for (const { state, what, hint } of findings) {
        terminal.out(`${marks[state]} ${what}`);
        if (hint !== undefined) terminal.out(`      ${hint.replaceAll('\n', '\n      ')}`);
      }
    }
    return wrong.length === 0 ? exitCodes.done : exitCodes.failed;
  },
});

const settings = {
  domain: 'general.domain',
  nameServer: 'general.nsname',
  records: 'general.records',
};

const marks = { ok: 'ok   ', wrong: 'WRONG', 'not tested': '?    ' } as const;

/** The name that CAA records know the authority of the API's certificate by, as far as it is known. */
function issuerOf(tls: TlsSource | undefined): string | undefined {
  if (tls?.kind !== 'authority') return undefined;
  return new URL(tls.directoryUrl).hostname.endsWith('.letsencrypt.org')
    ? 'letsencrypt.org'
    : undefined;
}

function resolverOf(given: string | undefined): ListenAddress {
  const text = given ?? getServers()[0] ?? '127.0.0.1';
  const bare = text.includes(':') && !text.startsWith('[') && !/^[\d.]+:\d+$/.test(text);
  const place =
    parseListenAddress(text) ?? parseListenAddress(bare ? `[${text}]:53` : `${text}:53`);
  if (place !== undefined) return place;
  throw usageError(`--resolver: '${text}' is no address`, 'Write it like 192.0.2.1:53.');
}
