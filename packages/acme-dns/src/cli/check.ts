import { getServers } from 'node:dns';
import { command, exitCodes, usageError } from '@sixhub/base';
import { concreteAddresses } from '../dns/local-addresses.js';
import { parseListenAddress, type ListenAddress } from '../domain/listen-address.js';
import { checkZone } from '../probe/zone-check.js';
import { configOption } from './config-option.js';
import { acmeDnsOptions } from './config-options.js';
import { readConfig } from './config-file.js';
import { silentLog } from '../ports.js';

export const check = command({
  name: 'check',
  summary: 'look at the zone as an authority will: delegation, glue, UDP, TCP, EDNS, CAA',
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
    const { domain, nameServer, listen } = acmeDnsOptions(config, silentLog);
    const findings = await checkZone({
      domain: domain.replace(/\.$/, ''),
      nameServer,
      listen: listen.flatMap(concreteAddresses),
      resolver: resolverOf(options.resolver),
      port: Number(options.port),
    });
    const wrong = findings.filter(({ ok }) => !ok);
    if (json) terminal.out(JSON.stringify({ ok: wrong.length === 0, findings }));
    else {
      for (const { ok, what, hint } of findings) {
        terminal.out(`${ok ? 'ok   ' : 'WRONG'} ${what}`);
        if (hint !== undefined) terminal.out(`      ${hint.replaceAll('\n', '\n      ')}`);
      }
    }
    return wrong.length === 0 ? exitCodes.done : exitCodes.failed;
  },
});

function resolverOf(given: string | undefined): ListenAddress {
  const text = given ?? getServers()[0] ?? '127.0.0.1';
  const bare = text.includes(':') && !text.startsWith('[') && !/^[\d.]+:\d+$/.test(text);
  const place =
    parseListenAddress(text) ?? parseListenAddress(bare ? `[${text}]:53` : `${text}:53`);
  if (place !== undefined) return place;
  throw usageError(`--resolver: '${text}' is no address`, 'Write it like 192.0.2.1:53.');
}
