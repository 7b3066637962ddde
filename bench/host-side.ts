import { programFailure } from '@sixhub/base';
import {
  applied,
  hostNet,
  logSays,
  makeDnsperf,
  openGround,
  programFile,
  startVms,
  until,
  usual,
  vmReaches,
  type HostMachine,
  type HostNetwork,
  type Lab,
} from '@sixhub/test/lab';
import * as z from 'zod';
import { bareResolver, openBareHost } from './bare-host.js';
import { processMilliseconds } from './process.js';

export const seconds = 2;
/** 45.67.89.80, behind the NAT64. */
const translated = '64:ff9b::2d43:5950';
/** Well below what tayga translates: what is lost is lost on the way. */
const datagrams = ['--udp', '--bitrate', '50M', '--length', '1200'];

export interface Figures {
  /** Megabits or answers a second. */
  readonly rate: number;
  /** Of what was sent. */
  readonly lost: number;
  /** The daemon's processor time, in microseconds, for one of what `rate` counts: what else a machine does hardly moves it. */
  readonly cost: number;
}

export type Kind = 'up' | 'down' | 'datagrams' | 'answers';
export type Side = Readonly<Record<Kind, () => Promise<Figures>>>;

/** As `hostcore apply` made it. */
export async function openRendered(lab: Lab): Promise<Side> {
  const ground = await openGround(lab, usual);
  await applied(ground);
  await startVms(ground);
  await vmReaches(ground);
  const shown = await until(
    ground.vms[0],
    'rdisc6',
    ['-1', 'ens3'],
    /Recursive DNS server\s*: \S+/,
  );
  return openSide(lab, ground, /Recursive DNS server\s*: (\S+)/.exec(shown)?.[1] ?? '');
}

/** By hand. */
export async function openBare(lab: Lab): Promise<Side> {
  return openSide(lab, await openBareHost(lab), bareResolver);
}

async function openSide(lab: Lab, network: HostNetwork, resolver: string): Promise<Side> {
  const { provider, host, vms } = network;
  const iperf = programFile('iperf3');
  const listens = logSays(/Server listening/);
  const words = ['--server', '--forceflush', '--bind', hostNet.web4];
  await provider.start('iperf3', iperf, words, listens);
  const [vm] = vms;
  const [tayga, named] = [await pidOf(host, 'tayga'), await pidOf(host, 'named')];
  const measure = async (...options: readonly string[]): Promise<Figures> => {
    const before = await processMilliseconds(tayga);
    const { rate, lost } = await measured(vm, iperf, options);
    const used = (await processMilliseconds(tayga)) - before;
    return { rate, lost, cost: (used * 1000) / (rate * seconds) };
  };
  const questions = ['v4only.lab AAAA', 'both.lab AAAA', 'v4only.lab A', 'v6only.lab AAAA'];
  const dnsperf = await makeDnsperf(lab, questions, (program, args) => vm.run(program, args));
  return {
    up: () => measure(),
    down: () => measure('--reverse'),
    datagrams: () => measure(...datagrams),
    async answers() {
      // Of many that ask at once for what is not in its cache named answers some alone (clients-per-query).
      await dnsperf(resolver, ['-p', '53', '-n', '1', '-q', '1', '-c', '1']);
      const before = await processMilliseconds(named);
      const options = ['-p', '53', '-l', String(seconds), '-q', '100', '-c', '4', '-T', '1'];
      const { perSecond, lost, sent } = await dnsperf(resolver, options);
      const used = (await processMilliseconds(named)) - before;
      return { rate: perSecond, lost: lost / sent, cost: (used * 1000) / (sent - lost) };
    },
  };
}

const report = z.object({
  end: z.object({
    sum_received: z.object({ bits_per_second: z.number() }).optional(),
    sum: z.object({ bits_per_second: z.number(), lost_percent: z.number() }).optional(),
  }),
});

async function measured(
  vm: HostMachine,
  iperf: string,
  options: readonly string[],
  tries = 3,
): Promise<Pick<Figures, 'rate' | 'lost'>> {
  const ended = await vm.run(iperf, [
    ...['--client', translated, '--json', '--time', String(seconds), ...options],
  ]);
  const failure = programFailure(ended);
  if (failure !== undefined || ended.kind !== 'exited') throw new Error(`iperf3: ${failure}`);
  const { sum, sum_received: received } = report.parse(JSON.parse(ended.stdout)).end;
  // Where the other side's figures never came, all else of this run went well.
  if (sum === undefined && received === undefined) {
    if (tries > 1) return await measured(vm, iperf, options, tries - 1);
    throw new Error(`iperf3 measured nothing: ${ended.stdout.slice(-500)}`);
  }
  const lost = (sum?.lost_percent ?? 0) / 100;
  const bits = received?.bits_per_second ?? (sum?.bits_per_second ?? Number.NaN) * (1 - lost);
  return { rate: bits / 1e6, lost };
}

async function pidOf(host: HostMachine, program: string): Promise<number> {
  return Number(await host.shell(`pgrep -o -x --ns $$ --nslist net ${program}`));
}
