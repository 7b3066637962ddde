import type { Host } from '../domain/host.js';
import { withOrigin } from '../domain/origin.js';
import type { RenderedFile } from '../domain/rendered.js';
import type { Digest } from '../domain/stable-address.js';
import { guestFiles } from './guest.js';
import { netplanFiles } from './netplan.js';
import { networkdFiles } from './networkd.js';
import { nftablesFiles } from './nftables.js';
import { otherManagerFiles } from './other-managers.js';
import type { Part } from './part.js';
import { radvdFiles } from './radvd.js';
import { resolverFiles } from './resolver.js';
import { systemFiles } from './system.js';
import { translatorFiles } from './translator.js';

/** The description as files, in the order in which a host is built. The same description gives the same bytes. */
export function render(host: Host, config: string, digest: Digest): readonly RenderedFile[] {
  const parts = [
    ...systemFiles(host),
    ...(host.manager === 'netplan' ? netplanFiles(host) : networkdFiles(host)),
    ...otherManagerFiles(host),
    ...nftablesFiles(host),
    ...translatorFiles(host),
    ...resolverFiles(host),
    ...radvdFiles(host),
    ...guestFiles(host),
  ];
  return parts.map((part) => finished(part, host.name, config, digest));
}

function finished(part: Part, host: string, config: string, digest: Digest): RenderedFile {
  const { path, purpose, body, taker, mode = 0o644, mark = '#', kind = 'whole', first } = part;
  const text = withOrigin({ host, purpose, config }, body, digest, mark);
  const whole = first === undefined ? text : `${first}\n${text}`;
  const { already, instead, beside } = part;
  return {
    ...{ path, mode, purpose, text: whole, kind, taker },
    ...(already === undefined ? {} : { already }),
    ...(instead === undefined ? {} : { instead }),
    ...(beside === undefined ? {} : { beside }),
  };
}
