import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseDuration } from '@sixhub/base';
import { parseListenAddress, type ListenAddress } from '../domain/listen-address.js';
import { Network } from '../domain/network.js';
import type { AddressSource } from '../http/client-address.js';
import type { HttpOptions, TlsSource } from '../http/http-options.js';
import type { AcmeDnsOptions, Tuning } from '../options.js';
import type { Log } from '../ports.js';
import type { Config } from './config-schema.js';

/** The settings of a configuration file as the library takes them. */
export function acmeDnsOptions(config: Config, log: Log): AcmeDnsOptions {
  const { general, database } = config;
  return {
    domain: general.domain,
    nameServer: general.nsname,
    admin: general.nsadmin,
    records: general.records,
    listen: listenAddresses(general),
    database: database.connection,
    http: httpOptions(config),
    log,
    tuning: tuning(config),
    ...(config.metrics === undefined ? {} : { metrics: { listen: parsed(config.metrics.listen) } }),
  };
}

/** The Go program's protocol says family, too: `udp6` is UDP on IPv6 alone. */
function listenAddresses({ listen, protocol }: Config['general']): readonly ListenAddress[] {
  const all = parsed(listen);
  if (protocol.endsWith('4'))
    return all
      .map((where) => (where.address === '::' ? { ...where, address: '0.0.0.0' } : where))
      .filter(({ address }) => !address.includes(':'));
  return protocol.endsWith('6') ? all.filter(({ address }) => address.includes(':')) : all;
}

function parsed(listen: string | readonly string[]): readonly ListenAddress[] {
  return [listen].flat().flatMap((text) => parseListenAddress(text) ?? []);
}

function tuning({ general, limits, values }: Config): Tuning {
  const name = general.protocol.replace(/[46]$/, '');
  return {
    protocols: name === 'udp' ? ['udp'] : name === 'tcp' ? ['tcp'] : ['udp', 'tcp'],
    rateLimit: {
      perSecond: limits.responses_per_second,
      slip: limits.slip,
      exempt: limits.exempt,
    },
    rollingValues: values.rolling ?? general.txt_limit ?? 2,
    valueLifetimeMs: parseDuration(values.lifetime) ?? 0,
  };
}

function httpOptions(config: Config): HttpOptions {
  const { api } = config;
  return {
    listen: [api.ip].flat().map((address) => ({
      address: address.replace(/^\[(.*)\]$/, '$1') || '::',
      port: api.port,
    })),
    registration: api.registration ?? (api.disable_registration ? 'off' : 'open'),
    registrationNetworks: api.registration_from,
    registrationTokens: api.registration_tokens,
    registrationsPerMinute: api.registrations_per_minute,
    corsOrigins: api.corsorigins,
    clientAddress: addressSource(api),
    ...tlsSource(config),
  };
}

const letsEncrypt = {
  letsencrypt: 'https://acme-v02.api.letsencrypt.org/directory',
  letsencryptstaging: 'https://acme-staging-v02.api.letsencrypt.org/directory',
} as const;

function tlsSource({ api, database }: Config): { readonly tls?: TlsSource } {
  if (api.tls === 'none') return {};
  if (api.tls === 'cert')
    return { tls: { kind: 'files', key: api.tls_cert_privkey, chain: api.tls_cert_fullchain } };
  return {
    tls: {
      kind: 'authority',
      directoryUrl: api.tls === 'acme' ? (api.acme_directory ?? '') : letsEncrypt[api.tls],
      contact: api.notification_email === '' ? [] : [`mailto:${api.notification_email}`],
      // Beside the database where it is not absolute, since a service's working directory is the root.
      cache: resolve(dirname(database.connection), api.acme_cache_dir ?? 'api-certs'),
      ...(api.acme_root === undefined ? {} : { trust: readFileSync(api.acme_root, 'utf8') }),
    },
  };
}

function addressSource(api: Config['api']): AddressSource {
  const header = api.header_name;
  if (api.use_header) return { kind: 'any-in-header', header };
  const proxies = api.trusted_proxies.flatMap((text) => Network.parseLoose(text) ?? []);
  return proxies.length === 0 ? { kind: 'connection' } : { kind: 'proxies', header, proxies };
}
