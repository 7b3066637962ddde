import type { Host } from '../domain/host.js';
import { formatNetwork } from '../domain/ip-network.js';
import { text, type Part } from './part.js';

/**
 * ndppd with a unit of ours. Debian has a System V script only, which ends with 0 also where ndppd does not start, and which
 * systemd then takes for running whatever becomes of it.
 */
export function proxyFiles({ uplink, inside }: Host): readonly Part[] {
  if (uplink.mode !== 'on-link' || uplink.proxy !== 'ndppd') return [];
  const unit = 'sixhub-ndppd.service';
  return [
    {
      path: '/etc/ndppd.conf',
      purpose: "Answers the provider's neighbour solicitations for the machines inside.",
      body: text([
        `proxy ${uplink.device} {`,
        '  router yes',
        `  rule ${formatNetwork(inside.network)} {`,
        `    iface ${inside.device}`,
        '  }',
        '}',
      ]),
      taker: { kind: 'service', unit, how: 'restart' },
    },
    {
      path: `/etc/systemd/system/${unit}`,
      purpose: 'ndppd, whose package has no unit.',
      body: text([
        '[Unit]',
        'Description=Neighbour discovery proxy for the machines inside (ndppd)',
        'Documentation=man:ndppd(1) man:ndppd.conf(5)',
        'After=network.target',
        'Conflicts=ndppd.service',
        // At boot it ends until both devices are there.
        'StartLimitIntervalSec=0',
        '',
        '[Service]',
        'Type=exec',
        'ExecStart=/usr/sbin/ndppd -c /etc/ndppd.conf',
        'Restart=on-failure',
        'RestartSec=1s',
        'CapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_RAW',
        'NoNewPrivileges=yes',
        'ProtectSystem=strict',
        'ProtectHome=yes',
        'PrivateTmp=yes',
        '',
        '[Install]',
        'WantedBy=multi-user.target',
      ]),
      taker: { kind: 'unit-file', unit },
    },
  ];
}
