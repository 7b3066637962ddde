import { splitList } from './tokens.js';

/** In the order in which smtpd loads them: where two have one key type, the later one replaces the earlier. */
const legacyParameters = [
  'smtpd_tls_cert_file',
  'smtpd_tls_dcert_file',
  'smtpd_tls_eccert_file',
] as const;
const certificateParameters = ['smtpd_tls_chain_files', ...legacyParameters] as const;

/** What `postconf` is asked for each service, with the service's own overrides applied. */
export const tlsParameters = [
  'smtpd_tls_security_level',
  'smtpd_use_tls',
  'smtpd_enforce_tls',
  'smtpd_tls_wrappermode',
  'smtpd_discard_ehlo_keywords',
  'smtpd_upstream_proxy_protocol',
  'postscreen_upstream_proxy_protocol',
  'smtpd_service_name',
  ...certificateParameters,
  'tls_server_sni_maps',
  'queue_directory',
] as const;

export type Parameters = ReadonlyMap<string, string>;

/** `name = value`, a line each, as postconf prints them. */
export function parseParameters(text: string): Parameters {
  return new Map(
    text.split('\n').flatMap((line): (readonly [string, string])[] => {
      const [, name, value] = /^(\S+) =(?: (.*))?$/.exec(line) ?? [];
      return name === undefined ? [] : [[name, value ?? '']];
    }),
  );
}

/** How a smtpd comes to show a certificate; undefined where it never does. */
export function tlsModeOf(parameters: Parameters): 'smtp' | 'smtps' | undefined {
  // Without any smtpd warns and offers no TLS; `none` is a value as well, with which SNI maps still work.
  if (certificateParameters.every((name) => (parameters.get(name) ?? '') === '')) return undefined;
  // "TLS wrapper mode" takes no notice of the security level: seen with `none`.
  if (isOn(parameters, 'smtpd_tls_wrappermode')) return 'smtps';
  const discarded = splitList(parameters.get('smtpd_discard_ehlo_keywords') ?? '');
  if (discarded.some((keyword) => keyword.toLowerCase() === 'starttls')) return undefined;
  const level = parameters.get('smtpd_tls_security_level') ?? '';
  // The older two have a word where the level is empty.
  const offered =
    level === ''
      ? isOn(parameters, 'smtpd_use_tls') || isOn(parameters, 'smtpd_enforce_tls')
      : offeringLevels.has(level.toLowerCase());
  return offered ? 'smtp' : undefined;
}

/** With any level beyond `encrypt` smtpd warns and does as with `encrypt`; with an unknown one it does not run. */
const offeringLevels: ReadonlySet<string> = new Set([
  'may',
  'encrypt',
  'fingerprint',
  'verify',
  'secure',
]);

function isOn(parameters: Parameters, name: string): boolean {
  return parameters.get(name)?.toLowerCase() === 'yes';
}

/** Where the default certificates come from. */
export type Source =
  | { readonly kind: 'chain'; readonly parameter: string; readonly files: readonly string[] }
  | { readonly kind: 'certificate'; readonly parameter: string; readonly file: string };

/** "When this parameter is non-empty, the legacy parameters are ignored": postconf(5), smtpd_tls_chain_files. */
export function sourcesOf(parameters: Parameters): readonly Source[] {
  const files = splitList(parameters.get('smtpd_tls_chain_files') ?? '');
  if (files.length > 0) return [{ kind: 'chain', parameter: 'smtpd_tls_chain_files', files }];
  return legacyParameters.flatMap((parameter): Source[] => {
    const file = parameters.get(parameter) ?? '';
    // `none` is how an administrator asks for TLS without certificates.
    return file === '' || file.toLowerCase() === 'none'
      ? []
      : [{ kind: 'certificate', parameter, file }];
  });
}
