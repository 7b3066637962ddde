import type { Section } from './doveconf-text.js';

/** What differs between Dovecot 2.3 and 2.4 in how certificates are configured and asked for. */
export interface Dialect {
  /** What doveconf is asked for: whether TLS is on, and the certificates. */
  readonly asked: readonly string[];
  /** Both were seen: where two have one key type, the alternative replaces the first. */
  readonly certificates: readonly string[];
  /** Names that `doveconf -f` has for a connection's protocol and for the name that is asked by SNI. */
  readonly filters: { readonly protocol: string; readonly name: string };
  /** LMTP takes no notice of `local` blocks; of `local_name` only 2.4 does. */
  readonly lmtpHasNames: boolean;
  /** A setting's file; undefined where it is none, as for a certificate that stands in the configuration itself. */
  fileOf(value: string): string | undefined;
}

const dovecot23: Dialect = {
  asked: ['ssl', 'ssl_cert', 'ssl_alt_cert'],
  certificates: ['ssl_cert', 'ssl_alt_cert'],
  filters: { protocol: 'service', name: 'lname' },
  lmtpHasNames: false,
  fileOf: (value) => /^<\s*(\/.*)$/.exec(value)?.[1],
};

const dovecot24: Dialect = {
  asked: ['ssl', 'ssl_server'],
  certificates: ['ssl_server_cert_file', 'ssl_server_alt_cert_file'],
  filters: { protocol: 'protocol', name: 'local_name' },
  lmtpHasNames: true,
  fileOf: (value) => (value.startsWith('/') ? value : undefined),
};

export function dialectOf(version: { readonly major: number; readonly minor: number }): Dialect {
  return version.major === 2 && version.minor < 4 ? dovecot23 : dovecot24;
}

/** `ssl` and the certificates that a block sets, by their long names: 2.4 writes `ssl_server { cert_file = … }`. */
export type TlsSettings = ReadonlyMap<string, string>;

export function tlsSettingsIn(section: Section, { certificates }: Dialect): TlsSettings {
  const inner = section.sections
    .filter(({ kind }) => kind === 'ssl_server')
    .flatMap(({ settings }) =>
      [...settings].map(([name, value]) => [`ssl_server_${name}`, value] as const),
    );
  const all = [...section.settings, ...inner];
  return new Map(all.filter(([name]) => name === 'ssl' || certificates.includes(name)));
}
