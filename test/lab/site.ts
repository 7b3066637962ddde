import { programFailure, runProgram } from '@sixhub/base';
import type { Lab } from './lab.js';
import { openNetwork, type Network } from './network.js';
import { programFile } from './program-file.js';
import type { Seat } from './seat.js';

/** One link with IPv6 alone, that leads nowhere: 2001:db8::/64, with what every machine on it takes for granted. */
export interface Site {
  /** For a piece that serves them all. */
  seat(address: string, port: number): Promise<Seat>;
  /** For a machine: an interface with this address. */
  connect(address: string): Promise<Network>;
}

export async function openSite(lab: Lab): Promise<Site> {
  const link = await openNetwork(lab);
  await ip(link, ['link add link0 type bridge', 'link set link0 up']);
  let machines = 0;
  return {
    async seat(address, port) {
      await ip(link, [`address replace ${address}/64 dev link0 nodad`]);
      return { address, port, inside: link.inside };
    },
    async connect(address) {
      machines += 1;
      const port = `port${machines}`;
      const machine = await openNetwork(lab, link);
      await ip(link, [
        `link add ${port} type veth peer name host0 netns ${machine.pid}`,
        `link set ${port} master link0 up`,
      ]);
      await ip(machine, [`address add ${address}/64 dev host0 nodad`, 'link set host0 up']);
      return machine;
    },
  };
}

async function ip(network: Network, lines: readonly string[]): Promise<void> {
  const [program, args] = network.inside(programFile('ip', 'iproute2'), ['-batch', '-']);
  const result = await runProgram(program, args, {
    input: lines.map((line) => `${line}\n`).join(''),
  });
  const failure = programFailure(result);
  if (failure !== undefined) throw new Error(`${lines.join('; ')}: ${failure}`);
}
