import type { UnitState } from './apply/units.js';
import type { DhcpClient } from './dhcp-client.js';
import type { IpAddress } from './ip-address.js';
import type { Interfaced, IpNetwork } from './ip-network.js';
import type { SaidNetwork } from './said.js';

/** What was found on the machine. What was not looked at, or could not be, is undefined, and nothing is concluded from it. */
export interface Facts {
  /** `debian 12`, from os-release. */
  readonly release: string | undefined;
  readonly hostname: string | undefined;
  /** Installed packages with their versions. */
  readonly packages: ReadonlyMap<string, string> | undefined;
  /** Texts of files, by their path on the host, as far as they were asked for and are there. */
  readonly files: ReadonlyMap<string, string>;
  /** Who may read and write them. */
  readonly modes?: ReadonlyMap<string, number>;
  readonly kernel: Kernel | undefined;
  /** Units that nothing can start: of those that are asked for. */
  readonly masked?: ReadonlySet<string>;
  /** How systemd has the units that any description may need. */
  readonly units?: readonly UnitState[];
  readonly dhcpClients?: readonly DhcpClient[];
  /** How NetworkManager has devices, if it runs. */
  readonly networkManager?: ReadonlyMap<string, string>;
  /** What the files of network managers say, by their path. */
  readonly said?: ReadonlyMap<string, SaidNetwork>;
}

export interface Kernel {
  readonly devices: readonly DeviceFact[];
  readonly routes: readonly RouteFact[];
  /** Addresses for which the kernel answers neighbour solicitations at a device, as `ADDRESS DEVICE`. */
  readonly proxied: ReadonlySet<string>;
  /** The MAC addresses that were heard for addresses on the links. */
  readonly neighbours?: ReadonlyMap<string, string>;
  /** By keys with `/`; only those that somebody here judges. */
  readonly sysctls: ReadonlyMap<string, string>;
  readonly rules: Rules | undefined;
  readonly listeners: readonly Listener[];
  /** Where this command's SSH session comes in: the server's address, as sshd told it. */
  readonly session: IpAddress | undefined;
}

export interface DeviceFact {
  readonly name: string;
  readonly mac: string | undefined;
  readonly kind: string | undefined;
  readonly master: string | undefined;
  readonly up: boolean;
  readonly addresses: readonly AddressFact[];
}

export interface AddressFact extends Interfaced {
  /** The other end of a point-to-point address, which the kernel makes a route of. */
  readonly peer?: IpAddress | undefined;
  readonly scope: string;
  /** From a router advertisement, or a lease. */
  readonly dynamic: boolean;
  readonly duplicate: boolean;
}

export interface RouteFact {
  readonly to: IpNetwork;
  readonly via: IpAddress | undefined;
  readonly device: string | undefined;
  readonly kind: string;
  readonly protocol: string;
}

/** nftables as the kernel has it, iptables-nft and ebtables-nft among it. */
export interface Rules {
  readonly chains: readonly ChainFact[];
  /** Our tables with all that is in them, in one text each, comparable with what our file would load. */
  readonly ours: ReadonlyMap<string, string>;
  /** What our file would load; undefined where it could not be tried. */
  readonly wanted: ReadonlyMap<string, string> | undefined;
  /** Whether a rule of the bridge family changes source addresses or drops towards this device. */
  readonly bridgeRules: readonly string[];
  /** Rules of ebtables, of either kind, that rewrite source addresses. */
  readonly rewriting?: readonly RewritingRule[];
}

export interface RewritingRule {
  /** As its tool lists it. */
  readonly rule: string;
  /** The command that takes it away. */
  readonly remove: string;
  /** The command that puts it where it stands; of one whose tool is not there, nobody can. */
  readonly add?: string;
  /** The port that it is limited to. */
  readonly out: string | undefined;
}

export interface ChainFact {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  readonly hook: string;
  readonly policy: string;
}

export interface Listener {
  readonly protocol: string;
  readonly address: string;
  readonly port: number;
  readonly program: string | undefined;
}
