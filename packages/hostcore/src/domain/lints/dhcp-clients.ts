import { clientsHere } from '../dhcp-clients.js';
import type { Lint } from '../lint.js';

/** Who gives the card an address of a lease, beside host.toml's fixed one. */
export const dhcpClientLints: readonly Lint[] = [
  {
    id: 'dhcp-client',
    needs: ['kernel'],
    severity: 'error',
    reason:
      'A DHCP client that runs on takes all IPv4 from the card when its lease runs out, hours after an apply was confirmed. `hostcore apply` ends a dhclient of ifupdown by itself, and refuses beside any other.',
    clause: 'dhclient-script(8), dhcpcd(8)',
    *find(host, facts) {
      for (const { client, devices, kept } of clientsHere(host, facts)) {
        if (kept === undefined) continue;
        const { program, pid, service } = client;
        const mask = service === undefined ? '' : `systemctl mask ${service}; `;
        yield {
          fact: `${program} (process ${pid}) runs on ${devices.join(', ')}: ${kept}`,
          remedy: `End it so that the address stays, and see that nobody starts it again: ${mask}kill -KILL ${pid}. Not by \`systemctl stop\`, ifdown or -r: these take the address away, and this connection with it. Apply before the lease runs out.`,
        };
      }
    },
  },
];
