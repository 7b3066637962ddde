import { systemClock } from '@sixhub/base';
import {
  acmeDnsZone as zone,
  makeAcmeDns,
  makeDnsperf,
  openLab,
  ports,
  registerAccount,
  residentMegabytes,
  startKnot,
  type AcmeDnsHouse,
  type Lab,
} from '@sixhub/test/lab';
import { ApiLoad, registerRequest, updateRequest } from './api-load.js';
import { importNames, makeNames, type ZoneName } from './go-database.js';
import { median, spread } from './median.js';
import { busiest, threadTicks } from './process.js';

const sizes = { few: 1_000, many: 100_000 } as const;
const secondsOfOne = 3;
/** Clients of one dnsperf; it and the server share the machine, so each has one thread. */
const ways = {
  UDP: { wanted: 0.6, options: ['-q', '400', '-c', '4', '-T', '1'] },
  TCP: { wanted: 1, options: ['-m', 'tcp', '-q', '2000', '-c', '8', '-T', '1'] },
} as const;
type Way = keyof typeof ways;

/** acme-dns and Knot with the same names, and the questions for them. */
interface Contest {
  readonly house: AcmeDnsHouse;
  readonly ours: Server;
  readonly knot: Server;
}

interface Server {
  readonly pid: number;
  /** Answers a second. */
  readonly rate: (way: Way) => Promise<number>;
}

/** acme-dns against Knot with the same names, in turns, half of the questions for names that are not there. */
export async function benchAcmeDns(turns: number, print: (line: string) => void): Promise<void> {
  const few = await benchSize(sizes.few, turns, print, async (contest) => {
    await benchApi(contest, turns, print);
  });
  const many = await benchSize(sizes.many, turns, print);
  for (const way of ['UDP', 'TCP'] as const)
    print(`  ${way}  100,000 accounts to 1,000: ${(many[way] / few[way]).toFixed(2)}; 0.9 wanted`);
}

/** Returns our rates. */
async function benchSize(
  size: number,
  turns: number,
  print: (line: string) => void,
  more?: (contest: Contest) => Promise<void>,
): Promise<Readonly<Record<Way, number>>> {
  await using lab = await openLab();
  const contest = await openContest(lab, makeNames(size));
  print(`acme-dns: ${size} accounts with two values each, ${turns} turns of ${secondsOfOne} s`);
  const rates = {
    UDP: await compare(contest, 'UDP', turns, print),
    TCP: await compare(contest, 'TCP', turns, print),
  };
  for (const of of ['ours', 'knot'] as const) await profile(of, contest[of], print);
  const limit = size === sizes.many ? '; under 200 wanted' : '';
  print(`  memory ${(await residentMegabytes(contest.ours.pid)).toFixed(0)} MB${limit}`);
  await more?.(contest);
  return rates;
}

async function openContest(lab: Lab, names: readonly ZoneName[]): Promise<Contest> {
  const house = await makeAcmeDns(lab, { api: 'registrations_per_minute = 1000000' });
  await importNames(house, names);
  const ours = await house.serve();
  const address = lab.address();
  const records = names.flatMap(({ label, values }) =>
    values.map((value) => `${label} 1 TXT "${value}"`),
  );
  const knot = await startKnot(lab, { address, port: ports.dns, records });
  const dnsperf = await makeDnsperf(lab, questionsFor(names));
  const rateAt = (at: string) => async (way: Way) => {
    const options = [...ways[way].options, '-l', String(secondsOfOne)];
    return (await dnsperf(at, options)).perSecond;
  };
  return {
    house,
    ours: { pid: ours.pid, rate: rateAt(house.address) },
    knot: { pid: knot.pid, rate: rateAt(address) },
  };
}

/** Returns our rate. */
async function compare(
  { ours, knot }: Contest,
  way: Way,
  turns: number,
  print: (line: string) => void,
): Promise<number> {
  const rates: { ours: number; knot: number }[] = [];
  await ours.rate(way); // what compiles itself does so now
  for (let turn = 0; turn < turns; turn++)
    rates.push({ knot: await knot.rate(way), ours: await ours.rate(way) });
  const ourRate = median(rates.map((pair) => pair.ours));
  const ratios = rates.map((pair) => pair.ours / pair.knot);
  print(
    `  ${way}  ${thousands(ourRate)}, Knot ${thousands(median(rates.map((pair) => pair.knot)))}; ` +
      `pair by pair ${spread(ratios, { digits: 2 })}; at least ${ways[way].wanted} wanted`,
  );
  return ourRate;
}

async function benchApi(
  { house, ours }: Contest,
  turns: number,
  print: (line: string) => void,
): Promise<void> {
  const accounts = await Promise.all(Array.from({ length: 64 }, () => registerAccount(house)));
  const updates = new ApiLoad(house, accounts.map(updateRequest));
  await systemClock.sleep(secondsOfOne * 1_000);
  updates.stop();
  const perSecond = (updates.answers.get(200) ?? 0) / secondsOfOne;
  print(`  /update, each durable when it is answered: ${thousands(perSecond)}; 5 k wanted`);
  const ratios: number[] = [];
  const asked: number[] = [];
  for (let turn = 0; turn < turns; turn++) {
    const quiet = await ours.rate('UDP');
    const load = new ApiLoad(house, [
      ...accounts.slice(0, 16).map(updateRequest),
      ...Array.from({ length: 16 }, () => registerRequest),
    ]);
    ratios.push((await ours.rate('UDP')) / quiet);
    load.stop();
    asked.push([...load.answers.values()].reduce((sum, count) => sum + count, 0) / secondsOfOne);
  }
  print(
    `  UDP while 32 connections ask /update and /register without a pause (${median(asked).toFixed(0)} answered a second): ` +
      `${spread(ratios, { digits: 2 })} of its rate; 0.9 wanted`,
  );
}

/** Where the time goes: processor time of the answering thread for an answer, in the program and in the kernel. */
async function profile(
  of: string,
  { pid, rate }: Server,
  print: (line: string) => void,
): Promise<void> {
  const before = await threadTicks(pid);
  const answers = (await rate('UDP')) * secondsOfOne;
  const used = busiest(before, await threadTicks(pid));
  const perAnswer = (ticks: number): string => ((ticks * 10_000) / answers).toFixed(2);
  print(
    `  ${of} over UDP: ${perAnswer(used.user)} µs in the program and ${perAnswer(used.system)} µs in the kernel for an answer`,
  );
}

/** A name that is there, one that is not, in turn, all over the zone. */
function questionsFor(names: readonly ZoneName[]): readonly string[] {
  const step = Math.max(1, Math.floor(names.length / 10_000));
  return names
    .filter((_, at) => at % step === 0)
    .flatMap(({ label }, at) => [`${label}.${zone} TXT`, `nobody-${at}.${zone} TXT`]);
}

function thousands(rate: number): string {
  return `${(rate / 1_000).toFixed(1)} k/s`;
}
