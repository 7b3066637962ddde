/**
 * renewal/NAME.conf, as certbot writes it (configobj): `key = value` lines before and inside `[renewalparams]`, and
 * nested sections in double brackets, as `[[webroot_map]]`, whose lines are of no use here.
 */
export interface RenewalSettings {
  /** Lines before the first section: paths, the version of certbot. */
  readonly head: ReadonlyMap<string, string>;
  readonly params: ReadonlyMap<string, string>;
}

export function parseRenewalSettings(text: string): RenewalSettings {
  const head = new Map<string, string>();
  const params = new Map<string, string>();
  let into: Map<string, string> | undefined = head;
  for (const line of text.split(/\r?\n/).map((one) => one.trim())) {
    if (line === '' || line.startsWith('#')) continue;
    if (line.startsWith('[')) {
      into = line === '[renewalparams]' ? params : undefined;
      continue;
    }
    const at = line.indexOf('=');
    if (at > 0) into?.set(line.slice(0, at).trim(), unquoted(line.slice(at + 1).trim()));
  }
  return { head, params };
}

function unquoted(value: string): string {
  return /^(["'])(.*)\1$/.exec(value)?.[2] ?? value;
}

/** What happens to a setting that certbot renewed by. */
type Fate =
  /** The hub does the same by itself. */
  | 'taken'
  /** How certbot proved the names or installed: the hub proves by the CNAME, and agents install. */
  | 'needless'
  /** To be told, with what takes its place. */
  | { readonly instead: string };

const hook: Fate = { instead: 'agents reload services: see agent.toml' };

const fates: Readonly<Record<string, Fate>> = {
  account: 'taken',
  server: 'taken',
  key_type: 'taken',
  rsa_key_size: 'taken',
  elliptic_curve: 'taken',
  reuse_key: 'taken',
  authenticator: 'needless',
  pref_challs: 'needless',
  installer: 'needless',
  webroot_path: 'needless',
  http01_port: 'needless',
  http01_address: 'needless',
  manual_auth_hook: 'needless',
  manual_cleanup_hook: 'needless',
  manual_public_ip_logging_ok: 'needless',
  config_dir: 'needless',
  work_dir: 'needless',
  logs_dir: 'needless',
  autorenew: { instead: 'the hub renews what it has' },
  renew_before_expiry: { instead: 'the hub renews by the authority’s window, or by lifetime' },
  pre_hook: hook,
  post_hook: hook,
  renew_hook: hook,
  deploy_hook: hook,
  must_staple: { instead: 'there is no OCSP any more' },
  preferred_chain: { instead: '`preferred_chain` in the [[authority]] of hub.toml' },
  preferred_profile: { instead: '`profile` in the [[authority]] of hub.toml' },
  required_profile: { instead: '`profile` in the [[authority]] of hub.toml' },
};

/** Settings of a DNS plugin begin with its name: dns_cloudflare_credentials, dns_rfc2136_propagation_seconds. */
const ofPlugin = /^(dns_|apache|nginx|standalone|webroot|certbot_)/;

/** What the hub does not do as certbot did, a phrase each. */
export function settingsLeft({ params }: RenewalSettings): readonly string[] {
  const left: string[] = [];
  for (const [name, value] of params) {
    if (/^(None|False|\[\])?$/.test(value)) continue;
    const fate = fates[name] ?? (ofPlugin.test(name) ? 'needless' : undefined);
    if (fate === undefined) left.push(`${name} = ${value} is not known here, and not taken`);
    else if (typeof fate === 'object')
      left.push(`${name} = ${value} is not taken: ${fate.instead}`);
  }
  return left;
}
