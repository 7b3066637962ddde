import { keyKinds } from '@sixhub/acme';
import { certificateName } from '@sixhub/protocol';
import { parseConfig } from '@sixhub/base/config';
import { z } from 'zod';
import { readConfigFile } from './config-file.js';
import { notify } from './notify-config.js';
import { defaultSocket } from './socket-path.js';

/** hub.toml. Every key is known here or refused; docs/hub.toml.md explains them one by one. */

/** `[::]:53`, `192.0.2.1:53`. */
const listenAddress = z.string().transform((text, context) => {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|(\d+\.\d+\.\d+\.\d+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    context.addIssue('is not an address to listen at; write it like "[::]:53" or "192.0.2.1:53"');
    return z.NEVER;
  }
  return { address: match[1] ?? match[2] ?? '', port };
});

/** Directories of public authorities that can be called by name. */
export const knownDirectories: Readonly<Record<string, string>> = {
  letsencrypt: 'https://acme-v02.api.letsencrypt.org/directory',
  'letsencrypt-staging': 'https://acme-staging-v02.api.letsencrypt.org/directory',
  zerossl: 'https://acme.zerossl.com/v2/DV90',
  google: 'https://dv.acme-v02.api.pki.goog/directory',
};

const authority = z
  .strictObject({
    name: z.string().min(1),
    directory: z.url({ protocol: /^https$/ }).optional(),
    contact: z.array(z.email()).default([]),
    profile: z.string().optional(),
    /** Common name of an issuer; of several chains offered, one with it is taken. */
    preferred_chain: z.string().optional(),
    /** Take standing records (dns-persist-01, a draft) where the authority offers them. */
    dns_persist: z.boolean().optional(),
    /** File with PEM roots for the authority's own HTTPS. */
    trust: z.string().optional(),
    eab_key_id: z.string().optional(),
    eab_hmac_key_file: z.string().optional(),
  })
  .transform((given, context) => {
    const directory = given.directory ?? knownDirectories[given.name];
    if (directory !== undefined) return { ...given, directory };
    context.addIssue(
      `is not known by name; give its \`directory\` (known: ${Object.keys(knownDirectories).join(', ')})`,
    );
    return z.NEVER;
  });
export type AuthorityConfig = z.infer<typeof authority>;

const schema = z.strictObject({
  /** Database, keys and the acme-dns database; 0700. */
  state: z.string().default('/var/lib/sixhub'),
  /** The administrator's socket. */
  socket: z.string().default(defaultSocket),
  /** Who may use the socket beside root. */
  socket_group: z.string().default('sixhub-admin'),
  master_key: z.string().optional(),
  /** Kind of key of certificates that nobody said otherwise for. */
  key: z
    .enum(keyKinds, { error: `is no kind of key; known: ${keyKinds.join(', ')}` })
    .default('p256'),
  acme_dns: z.strictObject({
    /** The zone that CNAMEs point into: `acme-dns.example.net`. */
    domain: z.string().min(3),
    /** The name in the zone's NS record; the zone's own name unless said. */
    name_server: z.string().optional(),
    admin: z.string().optional(),
    listen: z
      .array(listenAddress)
      .min(1)
      .default([{ address: '::', port: 53 }]),
    /** Public addresses of this machine, for the zone's own AAAA and A records. */
    addresses: z.array(z.union([z.ipv6(), z.ipv4()])).default([]),
    records: z.array(z.string()).default([]),
  }),
  agents: z
    .strictObject({
      listen: z
        .array(listenAddress)
        .min(1)
        .default([{ address: '::', port: 8444 }]),
      /** Where agents reach it, `https://host:port`, in the order to try. */
      addresses: z.array(z.url({ protocol: /^https$/ })).default([]),
    })
    .prefault({}),
  api: z
    .strictObject({
      listen: z.array(listenAddress).default([{ address: '::1', port: 8443 }]),
      /** Names and addresses in its certificate, beside those it listens at. */
      names: z.array(z.string()).default(['localhost']),
      /** A certificate of this hub, shown to who asks for one of its names (SNI). */
      certificate: certificateName.optional(),
      /** Of one token, and of one network without a token. */
      requests_per_minute: z.number().int().min(10).default(6_000),
    })
    .prefault({}),
  resolver: z
    .strictObject({
      servers: z.array(z.string()).default([]),
      /** Domains whose delegation is taken for granted, with all below them. */
      trusted: z.array(z.string()).default([]),
      name_server_port: z.number().int().min(1).max(65_535).default(53),
    })
    .prefault({}),
  authority: z.array(authority).min(1),
  notify: notify.prefault({}),
});
export type HubConfig = z.infer<typeof schema>;

export function parseHubConfig(file: string, text: string): HubConfig {
  return parseConfig(file, text, schema);
}

export async function readConfig(file: string): Promise<HubConfig> {
  return parseHubConfig(file, await readConfigFile(file));
}
