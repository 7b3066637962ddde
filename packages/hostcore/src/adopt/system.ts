import { parseMac, type MacAddress } from '../domain/mac-address.js';
import type { Unread } from './reading.js';

export interface ReadVm {
  readonly name: string;
  readonly mac: MacAddress;
  readonly bridge: string;
  readonly memory: number | undefined;
  readonly cpus: number | undefined;
}

/** libvirt's own file of a machine. Only its cards, memory and processors are of interest here. */
export function readLibvirt(path: string, text: string, unread: Unread[]): readonly ReadVm[] {
  const name = /<name>([^<]+)<\/name>/.exec(text)?.[1];
  const cards = [...text.matchAll(/<interface\b[^>]*>[\s\S]*?<\/interface>/g)].map(([one]) => one);
  const read = cards.flatMap((card) => {
    const mac = parseMac(/<mac address=['"]([^'"]+)['"]/.exec(card)?.[1] ?? '');
    const bridge = /<source\b[^>]*bridge=['"]([^'"]+)['"]/.exec(card)?.[1];
    return mac === undefined || bridge === undefined ? [] : [{ mac, bridge }];
  });
  const [first, ...more] = read;
  if (name === undefined || first === undefined) return [];
  const label = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  for (const { mac } of more) {
    unread.push({
      path,
      line: undefined,
      text: mac,
      why: `a further card of ${name}; host.toml has one a VM`,
    });
  }
  const memory = /<memory(?:\s+unit=['"](\w+)['"])?>(\d+)<\/memory>/.exec(text);
  const cpus = Number(/<vcpu[^>]*>(\d+)<\/vcpu>/.exec(text)?.[1] ?? Number.NaN);
  return [
    {
      ...{ name: label, ...first },
      memory: memory === null ? undefined : megabytes(Number(memory[2]), memory[1] ?? 'KiB'),
      cpus: Number.isNaN(cpus) ? undefined : cpus,
    },
  ];
}

function megabytes(value: number, unit: string): number | undefined {
  const bytes = {
    b: 1,
    bytes: 1,
    KB: 1e3,
    KiB: 1024,
    k: 1024,
    MB: 1e6,
    MiB: 2 ** 20,
    M: 2 ** 20,
    GB: 1e9,
    GiB: 2 ** 30,
    G: 2 ** 30,
  };
  const factor = new Map(Object.entries(bytes)).get(unit);
  return factor === undefined ? undefined : Math.round((value * factor) / 2 ** 20);
}

export interface ReadExtras {
  readonly tmpSize: string | undefined;
  readonly libvirtUsers: readonly string[];
  readonly raidMail: string | undefined;
  readonly kvm: boolean;
  /** The MAC address that rc.local has the bridge rewrite to. */
  readonly rewritesTo: MacAddress | undefined;
}

export function readExtras(files: ReadonlyMap<string, string>, unread: Unread[]): ReadExtras {
  const text = (path: string): string => files.get(path) ?? '';
  const tmp = /^[^#\n]*\s\/tmp\s+tmpfs\s+(\S+)/m.exec(text('/etc/fstab'))?.[1];
  const members = /^libvirt:[^:]*:[^:]*:(.*)$/m.exec(text('/etc/group'))?.[1] ?? '';
  const modules = [...files].some(
    ([path, one]) => path.startsWith('/etc/modules') && /^\s*vhost_net\b/m.test(one),
  );
  const mail = /^mai(?:l(?:a(?:d(?:dr?)?)?)?)?[ \t]+(\S+)/im.exec(
    text('/etc/mdadm/mdadm.conf'),
  )?.[1];
  return {
    tmpSize: /size=(\d+[kmg%]?)/i.exec(tmp ?? '')?.[1]?.toLowerCase(),
    libvirtUsers: members.split(',').filter(Boolean),
    raidMail: mail === 'root' ? undefined : mail,
    kvm: modules,
    rewritesTo: readRcLocal(text('/etc/rc.local'), unread),
  };
}

function readRcLocal(text: string, unread: Unread[]): MacAddress | undefined {
  let found: MacAddress | undefined;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || /^exit\b/.test(line)) continue;
    const mac = parseMac(/\bebtables\b.*--to-(?:src|source)\s+(\S+)/.exec(line)?.[1] ?? '');
    if (mac !== undefined) {
      found = mac;
      if (!/\s(-o|--out-interface)\s/.test(line)) {
        const why =
          'it rewrites every frame, from VM to VM as well; the rendered rule is limited to the card';
        unread.push({ path: '/etc/rc.local', line: index + 1, text: line, why });
      }
    } else {
      unread.push({
        path: '/etc/rc.local',
        line: index + 1,
        text: line,
        why: 'it stays there, and is not in host.toml',
      });
    }
  }
  return found;
}
