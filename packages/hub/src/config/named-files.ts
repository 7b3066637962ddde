import type { HubConfig } from './config.js';

export interface NamedFile {
  readonly path: string;
  readonly secret: boolean;
}

/** Files elsewhere that hub.toml names and the hub does not work without: a backup has them too. */
export function namedFiles({ authority, notify }: HubConfig): readonly NamedFile[] {
  const { mail, webhook, ntfy } = notify;
  const roots = [...authority, ...mail, ...webhook, ...ntfy].map(({ trust }) => trust);
  const secrets = [
    ...authority.map(({ eab_hmac_key_file: macKey }) => macKey),
    ...mail.map(({ password_file: password }) => password),
    ...webhook.map(({ secret_file: secret }) => secret),
    ...ntfy.map(({ token_file: token }) => token),
  ];
  const files = [...named(roots, false), ...named(secrets, true)];
  return files.filter(({ path }, at) => files.findIndex((one) => one.path === path) === at);
}

function named(paths: readonly (string | undefined)[], secret: boolean): readonly NamedFile[] {
  return paths.flatMap((path) => (path === undefined ? [] : [{ path, secret }]));
}
