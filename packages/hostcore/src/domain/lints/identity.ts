import type { Lint } from '../lint.js';

/** Whether the machine and its VMs are those that host.toml means. */
export const identityLints: readonly Lint[] = [
  {
    id: 'other-host',
    severity: 'warning',
    reason:
      "One host's network on another takes that one's address away, and its own does not come.",
    clause: 'hostname(7)',
    *find({ name }, { hostname }) {
      if (hostname === undefined || hostname.toLowerCase() === name) return;
      yield {
        path: [],
        fact: `this machine is called ${hostname}, and host.toml describes ${name}`,
        remedy: `If it is the same, call it so: [host.${hostname.toLowerCase()}]; else look on ${name}, or take its file with -c.`,
      };
    },
  },
  {
    id: 'vm-mac-mismatch',
    severity: 'error',
    reason:
      "A VM's IPv6 address follows from its MAC address: with another one it has another address than everybody is told.",
    clause: 'RFC 4291 appendix A; guide 5.2',
    *find({ vms, inside }, { files }) {
      for (const { name, mac } of vms) {
        const cards = cardsOf(files.get(`/etc/libvirt/qemu/${name}.xml`) ?? '');
        if (cards.length === 0 || cards.some((card) => card.mac === mac)) continue;
        const own = cards.find(({ bridge }) => bridge === inside.device) ?? cards[0];
        yield {
          path: ['vm', name, 'mac'],
          fact: `VM ${name} has ${cards.map((card) => card.mac).join(', ')} (/etc/libvirt/qemu/${name}.xml), and host.toml says ${mac}`,
          remedy: `Write: mac = "${own?.mac ?? ''}"; or virsh edit ${name}.`,
        };
      }
    },
  },
  {
    id: 'vm-elsewhere',
    severity: 'warning',
    reason: 'A VM that is on another bridge gets neither the address nor the router of this one.',
    clause: 'guide 5.1',
    *find({ vms, inside }, { files }) {
      for (const { name, mac } of vms) {
        const card = cardsOf(files.get(`/etc/libvirt/qemu/${name}.xml`) ?? '').find(
          (one) => one.mac === mac,
        );
        if (card === undefined || card.bridge === inside.device) continue;
        yield {
          path: ['vm', name],
          fact: `VM ${name} is on ${card.bridge ?? 'no bridge'}, and not on ${inside.device}`,
          remedy: `virsh edit ${name}: <interface type='bridge'> with <source bridge='${inside.device}'/>, and start it anew.`,
        };
      }
    },
  },
];

interface Card {
  readonly mac: string;
  readonly bridge: string | undefined;
}

/** libvirt's own file; a network of libvirt's has a bridge of its own. */
function cardsOf(xml: string): readonly Card[] {
  return [...xml.matchAll(/<interface\b[^>]*>[\s\S]*?<\/interface>/g)].flatMap(([card]) => {
    const mac = /<mac address=['"]([^'"]+)['"]/.exec(card)?.[1]?.toLowerCase();
    const bridge = /<source\b[^>]*(?:bridge|network)=['"]([^'"]+)['"]/.exec(card)?.[1];
    return mac === undefined ? [] : [{ mac, bridge }];
  });
}
