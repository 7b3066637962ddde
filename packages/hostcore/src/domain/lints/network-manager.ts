import { layout } from '../layout.js';
import type { Lint } from '../lint.js';
import { formerBridges } from '../former-bridges.js';

/** Who has the card now, and would fight for it: files that are set aside change nothing for one that runs. */
export const networkManagerLints: readonly Lint[] = [
  {
    id: 'network-manager',
    needs: ['kernel'],
    severity: 'error',
    reason:
      'NetworkManager goes on with what it has read: it would put back what networkd changes, and a card without a connection gets one by DHCP. `hostcore apply` refuses while it has the card.',
    clause: 'NetworkManager.conf(5) unmanaged-devices, no-auto-default',
    *find(host, facts) {
      const devices = [...layout(host).map(({ device }) => device), ...formerBridges(host, facts)];
      const had = devices.filter((one) => isIts(facts.networkManager?.get(one)));
      if (had.length === 0) return;
      yield {
        fact: `NetworkManager runs, and has ${had.join(', ')}`,
        remedy:
          'Stop it, which leaves addresses and routes as they are: systemctl disable --now NetworkManager. Then apply at once, since nobody renews a lease meanwhile. If it is to have other devices, enable it again after that: 90-sixhub.conf keeps it off these. If you give the apply up, enable it again as well.',
      };
    },
  },
];

/** `connected (externally)` is what others have configured, and NetworkManager only shows. */
function isIts(state: string | undefined): boolean {
  return (
    state !== undefined && /^(connected|connecting|deactivating)(?! \(externally\))/.test(state)
  );
}
