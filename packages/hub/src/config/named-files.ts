import type { HubConfig } from './config.js';

/** Files elsewhere that hub.toml names and the hub does not work without: a backup has them too. */
export function namedFiles(
  config: HubConfig,
): readonly { readonly path: string; readonly secret: boolean }[] {
  const files = config.authority.flatMap(({ trust, eab_hmac_key_file: macKey }) => [
    ...(trust === undefined ? [] : [{ path: trust, secret: false }]),
    ...(macKey === undefined ? [] : [{ path: macKey, secret: true }]),
  ]);
  return files.filter(({ path }, at) => files.findIndex((one) => one.path === path) === at);
}
