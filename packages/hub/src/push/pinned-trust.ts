import { fingerprintOf, algorithmsOf, type HostKey } from '../ssh/host-key.js';
import type { HostTrust } from '../ssh/host-trust.js';
import { hostName } from '../ssh/target.js';
import { hostKeyChanged } from './push-error.js';

/** One key and no other: a person saw it when the target was added, and nobody is there to be asked again. */
export function pinnedTrust(pinned: HostKey): HostTrust {
  const words = ({ type, blob }: HostKey): string => `${type} ${fingerprintOf({ blob })}`;
  return {
    preferred: () => Promise.resolve(algorithmsOf(pinned.type)),
    check: (target, key) =>
      key.blob === pinned.blob
        ? Promise.resolve()
        : Promise.reject(hostKeyChanged(hostName(target), words(key), words(pinned))),
  };
}

/** `ssh-ed25519 AAAA…`, as known_hosts and *.pub have it. */
export function parseHostKey(text: string): HostKey {
  const [type = '', blob = ''] = text.split(' ');
  return { type, blob };
}
