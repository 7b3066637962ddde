import { formatInterfaced } from '../ip-network.js';
import type { Lint } from '../lint.js';
import { forwardsIpv4 } from '../host.js';

/** What the running kernel does, whatever the files say. */
export const kernelLints: readonly Lint[] = [
  {
    id: 'own-ra-accepted',
    needs: ['kernel'],
    severity: 'warning',
    reason: 'The host hears its own advertisements, and gives itself addresses and routes by them.',
    clause: 'guide 4.4; RFC 4862 §5.5',
    *find({ inside, ra }, { kernel }) {
      if (kernel === undefined || ra === undefined) return;
      const accept = kernel.sysctls.get(`net/ipv6/conf/${inside.device}/accept_ra`);
      const forwards = kernel.sysctls.get('net/ipv6/conf/all/forwarding') === '1';
      if (accept === '2' || (accept === '1' && !forwards)) {
        yield {
          fact: `net/ipv6/conf/${inside.device}/accept_ra is ${accept}: ${inside.device} takes router advertisements`,
          remedy: 'The rendered files set it to 0.',
        };
      }
      const taken = kernel.devices
        .find(({ name }) => name === inside.device)
        ?.addresses.find((one) => one.dynamic && one.address.family === 6);
      if (taken !== undefined) {
        yield {
          fact: `${inside.device} has ${formatInterfaced(taken)} from an advertisement`,
          remedy: 'Once accept_ra is 0, `ip address del` it; `hostcore plan` shows it.',
        };
      }
    },
  },
  {
    id: 'leak',
    needs: ['rules'],
    severity: 'warning',
    reason:
      "VMs' MAC addresses and router advertisements reach the provider, who may cut the server off for either.",
    clause: 'guide 3.5; RFC 6105',
    *find({ uplink }, { kernel }) {
      const card = kernel?.devices.find(({ name }) => name === uplink.device);
      if (kernel?.rules === undefined || card?.master === undefined) return;
      const rules = kernel.rules.bridgeRules;
      const rewrites =
        (kernel.rules.rewriting ?? []).length > 0 ||
        rules.some((rule) => /"mangle"|"snat"|"xt"/.test(rule));
      const drops = rules.some((rule) => rule.includes(uplink.device) && rule.includes('"drop"'));
      if (!rewrites) {
        yield {
          fact: `${uplink.device} is a port of ${card.master}, and no rule rewrites the MAC addresses of VMs`,
          remedy: 'The rendered rules do, with mode bridged; the other modes need none.',
        };
      }
      if (!drops) {
        yield {
          fact: `${uplink.device} is a port of ${card.master}, and no rule keeps router advertisements from it`,
          remedy: 'The rendered rules do, with mode bridged; the other modes need none.',
        };
      }
    },
  },
  {
    id: 'ra-between-vms',
    needs: ['rules'],
    severity: 'note',
    reason: 'A VM that sends router advertisements becomes the router of the others.',
    clause: 'RFC 6104, RFC 6105',
    *find({ inside, vms }, { kernel }) {
      if (kernel?.rules === undefined || !inside.bridge || vms.length < 2) return;
      if (!kernel.devices.some(({ name }) => name === inside.device)) return;
      if (kernel.rules.ours.has('bridge sixhub_guard')) return;
      yield {
        fact: `nothing keeps a VM on ${inside.device} from advertising itself as a router`,
        remedy: 'The rendered rules do (table bridge sixhub_guard).',
      };
    },
  },
  {
    id: 'forward-dropped',
    needs: ['rules'],
    severity: 'warning',
    reason:
      "Docker and ufw drop by default what passes through the host, and the VMs' packets all do.",
    clause: 'iptables(8), nft(8)',
    *find(host, { kernel }) {
      for (const chain of kernel?.rules?.chains ?? []) {
        const concerns = chain.family !== 'ip' || forwardsIpv4(host);
        if (chain.hook !== 'forward' || chain.policy !== 'drop' || !concerns) continue;
        if (chain.family === 'bridge' || chain.family === 'arp') continue;
        const tool = chain.family === 'ip6' ? 'ip6tables' : 'iptables';
        const device = host.inside.device;
        yield {
          fact: `chain ${chain.name} of table ${chain.family} ${chain.table} drops what it does not know`,
          remedy:
            chain.table === 'filter'
              ? `Let the VMs through: ${tool} -I ${chain.name} -i ${device} -j ACCEPT, and the same with -o ${device} (Docker: chain DOCKER-USER; ufw: ufw route allow in on ${device}).`
              : `Let ${device} through there: iifname and oifname "${device}" accept.`,
        };
      }
    },
  },
  {
    id: 'bridge-netfilter',
    needs: ['kernel'],
    severity: 'warning',
    reason:
      'With br_netfilter, frames from VM to VM pass the IP rules of the host, and are dropped by them.',
    clause: 'ebtables(8), kernel: net/bridge',
    *find({ inside }, { kernel }) {
      if (!inside.bridge) return;
      const keys = ['iptables', 'ip6tables', 'arptables'].map(
        (tool) => `net/bridge/bridge-nf-call-${tool}`,
      );
      const on = keys.filter((key) => kernel?.sysctls.get(key) === '1');
      if (on.length === 0) return;
      yield {
        fact: `1 is the value of ${on.join(', ')}`,
        remedy:
          'Set them to 0 in /etc/sysctl.d/91-bridge.conf, unless Kubernetes or Docker here needs them.',
      };
    },
  },
  {
    id: 'duplicate-address',
    needs: ['kernel'],
    severity: 'error',
    reason:
      'An address that another machine has, too, is refused by the kernel, and nobody says so.',
    clause: 'RFC 4862 §5.4',
    *find(_, { kernel }) {
      for (const { name, addresses } of kernel?.devices ?? []) {
        for (const one of addresses.filter(({ duplicate }) => duplicate)) {
          yield {
            fact: `${formatInterfaced(one)} on ${name}: duplicate address detection failed, another machine has it`,
            remedy:
              'Find it: `ip -6 neigh`, or tcpdump for neighbour advertisements; change one of the two.',
          };
        }
      }
    },
  },
];
