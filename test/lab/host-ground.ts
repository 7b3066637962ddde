import { join } from 'node:path';
import type { ProgramResult } from '@sixhub/base';
import { commandLine } from './checkout.js';
import type { Daemon } from './daemon.js';
import { writeLabFile, type HostMachine } from './host-machine.js';
import {
  hostNet,
  machineShows,
  openHostNetwork,
  until,
  type Delivery,
  type HostNet,
  type HostNetwork,
} from './host-network.js';
import { standInForSystemd } from './host-pid1.js';
import type { Lab } from './lab.js';
import { programFile } from './program-file.js';
import { makeSshKey } from './ssh-machine.js';

const stateDirectory = '/run/sixhub-hostcore';

export const usual = `[host.merlin]
release = "debian12"
domain = "example.test"
resolvers = ["${hostNet.resolver}"]
uplink = {device = "eno1", mac = "${hostNet.card}"}
ipv6 = {network = "${hostNet.network}", address = "${hostNet.prefix}::2"}
ipv4 = {address = "${hostNet.host4}", gateway = "${hostNet.gateway4}"}
nat64 = {}
dns64.validate = false
ra.interval = 4
extras.kvm = false
vm.hub.mac = "${hostNet.vmMacs[0]}"
vm.mail.mac = "${hostNet.vmMacs[1]}"
`;

export const fresh = `network:
  version: 2
  renderer: networkd
  ethernets:
    eno1:
      accept-ra: false
      addresses: [${hostNet.host4}/32, "${hostNet.prefix}::2/64"]
      routes:
        - {to: 0.0.0.0/0, via: ${hostNet.gateway4}, on-link: true}
        - {to: "::/0", via: "fe80::1"}
`;

/** The same by ifupdown, as Debian's installer leaves it. */
const freshIfupdown = `auto lo
iface lo inet loopback

auto eno1
iface eno1 inet static
  address ${hostNet.host4}/32
  pointopoint ${hostNet.gateway4}
  gateway ${hostNet.gateway4}
iface eno1 inet6 static
  address ${hostNet.prefix}::2/64
  gateway fe80::1
  accept_ra 0
  dad-attempts 0
`;

/** What the provider gives, and whose file its installer wrote. */
export interface Provided {
  readonly delivery?: Delivery;
  readonly network?: string;
  readonly manager?: 'netplan' | 'ifupdown';
  readonly net?: HostNet;
  /** How the host is before hostcore comes, if not as its provider leaves it. */
  readonly lay?: Lay;
}

/** A host as its provider leaves it: netplan's file and networkd, or ifupdown's; sshd; daemons installed, and none running. */
export interface Ground extends HostNetwork {
  readonly lab: Lab;
  describe(toml: string): Promise<void>;
  /** `hostcore apply` and the like to its end. */
  hostcore(...words: readonly string[]): Promise<Answer>;
  /** As a person from the provider's side; each call is a connection of its own. */
  overSsh(...words: readonly string[]): Promise<Answer>;
  /** In the background, from a new SSH connection, until it says what is awaited. */
  start(says: RegExp, ...words: readonly string[]): Promise<Daemon>;
  sshWords(line: string): readonly string[];
  /** As one would type it there. */
  line(words: readonly string[]): string;
}

export interface Answer {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

export async function openGround(
  lab: Lab,
  toml = usual,
  { net = hostNet, delivery = 'routed', manager = 'netplan', lay, ...given }: Provided = {},
): Promise<Ground> {
  const network = await openHostNetwork(lab, { delivery, net, ...given });
  const { host, provider } = network;
  await standInForSystemd(lab, host);
  await host.shell(
    `mkdir -p /etc/sixhub /etc/netplan; rm -f /etc/sixhub/*; ip link set ${net.device} up`,
  );
  await (lay ?? layFresh(manager))(lab, network);
  const identity = await startSshd(lab, host);
  const describe = (text: string): Promise<void> =>
    copyTo(lab, host, '/etc/sixhub/host.toml', text);
  if (toml !== '') await describe(toml); // else `hostcore adopt` writes it
  const sshWords = (line: string): readonly string[] => [
    ...['-F', 'none', '-i', identity],
    ...['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null'],
    ...['-o', 'BatchMode=yes', '-o', 'ConnectTimeout=5', '-o', 'LogLevel=ERROR'],
    ...[`root@${net.host4}`, line],
  ];
  const line = (words: readonly string[]): string =>
    [process.execPath, ...commandLine('hostcore', withState(words))].join(' ');
  let started = 0; // a log of its own for each
  return {
    ...network,
    ...{ lab, describe, sshWords, line },
    hostcore: async (...words) => answer(await host.hostcore(...withState(words))),
    overSsh: async (...words) => answer(await provider.run('ssh', sshWords(line(words)))),
    start: (says, ...words) =>
      provider.start(
        `apply-${(started += 1)}`,
        programFile('ssh', 'openssh-client'),
        sshWords(line(words)),
        {
          says: String(says),
          holds: async (log) => says.test(await log()),
        },
      ),
  };
}

type Lay = (lab: Lab, network: HostNetwork) => Promise<void>;

function layFresh(manager: 'netplan' | 'ifupdown'): Lay {
  return async (lab, { host }) => {
    if (manager === 'netplan') {
      await copyTo(lab, host, '/etc/netplan/01-netcfg.yaml', fresh);
      await host.shell(
        'chmod 600 /etc/netplan/*; netplan generate; systemctl enable --now systemd-networkd',
      );
    } else {
      await copyTo(lab, host, '/etc/network/interfaces', freshIfupdown);
      await host.shell('mkdir -p /run/network; systemctl enable --now networking');
    }
    await until(host, 'ip', ['-6', 'route'], /default via fe80::1/);
    await until(host, 'sh', ['-c', 'ip -6 -o address show dev eno1 tentative; echo none'], /^none/);
  };
}

const asksPackets = ['apply', 'rollback'];

function withState(words: readonly string[]): readonly string[] {
  return [
    ...words,
    ...(words[0] === 'plan' ? [] : ['--state', stateDirectory]),
    // Packets have a test of their own, which names servers.
    ...(asksPackets.includes(words[0] ?? '') && !words.includes('--ipv4-target')
      ? ['--no-verify']
      : []),
  ];
}

export async function copyTo(
  lab: Lab,
  host: HostMachine,
  path: string,
  text: string,
): Promise<void> {
  const place = await writeLabFile(lab, `files${path}`, text);
  await host.shell(`cp ${place} ${path}`);
}

async function startSshd(lab: Lab, host: HostMachine): Promise<string> {
  // sshd without PAM lets nobody in whose password is locked with an exclamation mark, as installers do.
  await host.shell(`sed -i 's/^root:[^:]*/root:*/' /etc/shadow`);
  const place = await lab.makeDirectory('ssh');
  await makeSshKey(place, 'login');
  await makeSshKey(place, 'host');
  const config = await writeLabFile(
    lab,
    'ssh/config',
    `HostKey ${place}/host
AuthorizedKeysFile ${place}/login.pub
StrictModes no
PermitRootLogin yes
UsePAM no
PidFile none
`,
  );
  const listens = machineShows(host, 'ss -H -l -n -t sport = :22', /:22/);
  await host.start(
    'sshd',
    programFile('sshd', 'openssh-server'),
    ['-D', '-e', '-f', config],
    listens,
  );
  return join(place, 'login');
}

function answer(result: ProgramResult): Answer {
  if (result.kind === 'exited') return result;
  return { code: result.kind, stdout: '', stderr: JSON.stringify(result) };
}

/** Applied and confirmed. */
export async function applied(ground: Ground, ...words: readonly string[]): Promise<void> {
  await ground.start(/NEW connection/, 'apply', '--confirm-within', '60s', ...words);
  const { code, stderr } = await ground.overSsh('confirm');
  if (code !== 0) throw new Error(`not confirmed: ${stderr}`);
}

/** Everything that a rollback must bring back, as the machine shows it. */
export async function stateOf(host: HostMachine): Promise<string> {
  return host.shell(`
    ip -o address | grep -v 'vnet\\|fe80' | sed 's/^[0-9]*: //; s/ *valid_lft.*//; s/ nodad//; s/\\\\//' | sort
    ip -o link | grep -v vnet | sed 's/^[0-9]*: //; s/state .*//; s/<.*>//' | sort
    ip route show | sort; ip -6 route show | grep -v 'fe80::/64\\|multicast' | sed 's/ linkdown//' | sort
    ip -6 neigh show proxy | sort; nft --stateless list ruleset
    cat /proc/sys/net/ipv6/conf/all/forwarding /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/eno1/accept_ra /proc/sys/net/ipv6/conf/eno1/proxy_ndp
    cd /etc; for f in $(find netplan systemd/network systemd/system/sixhub* sixhub sysctl.d modules-load.d bind unbound network radvd.conf ndppd.conf tayga.conf -type f -not -name host.toml 2>/dev/null | sort); do echo "$f $(stat -c %a $f) $(sha256sum < $f)"; done
    find /etc /run -name '*.hostcore-*' 2>/dev/null || true
    for u in networking systemd-networkd named unbound radvd ndppd sixhub-tayga sixhub-nftables; do echo $u $(systemctl is-active $u) $(ls /run/units/$u.service.enabled 2>/dev/null); done`);
}

/** A VM with IPv6 alone, and what it fetches through the host. */
export async function vmReaches({ vms: [hub] }: HostNetwork): Promise<void> {
  const own = new RegExp(`${hostNet.vmAddresses[0]}/64.*dynamic`);
  await until(hub, 'ip', ['-6', 'address', 'show', 'dev', 'ens3'], own);
  const advertised = await until(hub, 'rdisc6', ['-1', 'ens3'], /Recursive DNS server\s*: \S+/);
  const resolver = /Recursive DNS server\s*: (\S+)/.exec(advertised)?.[1] ?? '';
  const ask = ['+short', '+tries=1', '+time=2', `@${resolver}`, 'AAAA', 'v4only.lab'];
  const four = (await until(hub, 'dig', ask, /^64:ff9b:/)).trim();
  if (four !== '64:ff9b::2d43:5950') throw new Error(`v4only.lab has ${four}`);
  await until(hub, 'curl', ['-s', '-m', '3', '-g', `http://[${four}]/`], /asked by 45.67.90.10/);
  await until(hub, 'curl', ['-s', '-m', '3', '-g', `http://[${hostNet.web6}]/`], /asked by/);
}
