import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { programFailure, runProgram, systemClock } from '@sixhub/base';
import {
  acmeDnsZone as zone,
  makeAcmeDns,
  openLab,
  ports,
  programFile,
  registerAccount,
  startKnot,
  type AcmeDnsHouse,
  type Lab,
} from '@sixhub/test/lab';
import { ApiLoad, registerRequest, updateRequest } from './api-load.js';
import { importNames, makeNames, type ZoneName } from './go-database.js';
import { median } from './median.js';
import { busiest, residentMegabytes, threadTicks } from './process.js';

const sizes = [1_000, 100_000];
const secondsOfOne = 3;
/** Clients of one dnsperf; it and the server share the machine, so each has one thread. */
const ways = {
  UDP: ['-q', '400', '-c', '4', '-T', '1'],
  TCP: ['-m', 'tcp', '-q', '2000', '-c', '8', '-T', '1'],
} as const;
type Way = keyof typeof ways;

/** acme-dns against Knot with the same names, in turns, half of the questions for names that are not there. */
export async function benchAcmeDns(turns: number, print: (line: string) => void): Promise<void> {
  const rates = new Map<string, number>();
  for (const size of sizes) {
    await using lab = await openLab();
    const names = makeNames(size);
    const house = await makeAcmeDns(lab, { api: 'registrations_per_minute = 1000000' });
    await importNames(house, names);
    const { pid } = await house.serve();
    const knot = await serveKnot(lab, names);
    const queries = await writeQueries(house, names);
    print(`acme-dns: ${size} accounts with two values each, ${turns} turns of ${secondsOfOne} s`);
    for (const way of Object.keys(ways) as readonly Way[]) {
      const pairs: { ours: number; knot: number }[] = [];
      await questions(house.address, queries, way); // what compiles itself does so now
      for (let turn = 0; turn < turns; turn++) {
        pairs.push({
          knot: await questions(knot.address, queries, way),
          ours: await questions(house.address, queries, way),
        });
      }
      const ours = median(pairs.map((pair) => pair.ours));
      rates.set(`${way} ${size}`, ours);
      const ratios = pairs.map((pair) => pair.ours / pair.knot);
      print(
        `  ${way}  ${thousands(ours)}, Knot ${thousands(median(pairs.map((pair) => pair.knot)))}; ` +
          `pair by pair ${spreadOf(ratios)}; at least ${way === 'UDP' ? '0.6' : '1.0'} wanted`,
      );
    }
    await profile(pid, knot.pid, print, (of) =>
      questions(of === 'ours' ? house.address : knot.address, queries, 'UDP'),
    );
    const limit = size === 100_000 ? '; under 200 wanted' : '';
    print(`  memory ${(await residentMegabytes(pid)).toFixed(0)} MB${limit}`);
    if (size === sizes[0]) await benchApi(house, queries, turns, print);
  }
  for (const way of Object.keys(ways)) {
    const [few, many] = sizes.map((size) => rates.get(`${way} ${size}`) ?? Number.NaN);
    print(
      `  ${way}  100,000 accounts to 1,000: ${((many ?? 0) / (few ?? 1)).toFixed(2)}; 0.9 wanted`,
    );
  }
}

async function benchApi(
  house: AcmeDnsHouse,
  queries: string,
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
    const quiet = await questions(house.address, queries, 'UDP');
    const load = new ApiLoad(house, [
      ...accounts.slice(0, 16).map(updateRequest),
      ...Array.from({ length: 16 }, () => registerRequest),
    ]);
    ratios.push((await questions(house.address, queries, 'UDP')) / quiet);
    load.stop();
    asked.push([...load.answers.values()].reduce((sum, count) => sum + count, 0) / secondsOfOne);
  }
  print(
    `  UDP while 32 connections ask /update and /register without a pause (${median(asked).toFixed(0)} answered a second): ` +
      `${spreadOf(ratios)} of its rate; 0.9 wanted`,
  );
}

/** Where the time goes: processor time of the answering thread for an answer, in the program and in the kernel. */
async function profile(
  ours: number,
  knot: number,
  print: (line: string) => void,
  ask: (of: 'ours' | 'knot') => Promise<number>,
): Promise<void> {
  for (const [of, pid] of [
    ['ours', ours],
    ['knot', knot],
  ] as const) {
    const before = await threadTicks(pid);
    const rate = await ask(of);
    const used = busiest(before, await threadTicks(pid));
    const perAnswer = (ticks: number): string =>
      ((ticks * 10_000) / (rate * secondsOfOne)).toFixed(2);
    print(
      `  ${of} over UDP: ${perAnswer(used.user)} µs in the program and ${perAnswer(used.system)} µs in the kernel for an answer`,
    );
  }
}

async function serveKnot(
  lab: Lab,
  names: readonly ZoneName[],
): Promise<{ address: string; pid: number }> {
  const address = lab.address();
  const text = [
    `@ 10 SOA ns.${zone}. admin.beispiel.test. 7 28800 7200 604800 10`,
    `@ 3600 NS ns.${zone}.`,
    `ns 3600 A ${address}`,
    ...names.flatMap(({ label, values }) => values.map((value) => `${label} 1 TXT "${value}"`)),
    '',
  ].join('\n');
  const { pid } = await startKnot(lab, { zone, text, address, port: ports.dns });
  return { address, pid };
}

/** A name that is there, one that is not, in turn, all over the zone. */
async function writeQueries(house: AcmeDnsHouse, names: readonly ZoneName[]): Promise<string> {
  const file = join(house.place, 'queries');
  const step = Math.max(1, Math.floor(names.length / 10_000));
  const lines = names
    .filter((_, at) => at % step === 0)
    .flatMap(({ label }, at) => [`${label}.${zone} TXT`, `nobody-${at}.${zone} TXT`]);
  await writeFile(file, `${lines.join('\n')}\n`);
  return file;
}

async function questions(address: string, queries: string, way: Way): Promise<number> {
  const ended = await runProgram(programFile('dnsperf'), [
    ...['-s', address, '-p', String(ports.dns), '-d', queries, '-l', String(secondsOfOne)],
    ...ways[way],
  ]);
  const rate = Number(
    /Queries per second: +([\d.]+)/.exec('stdout' in ended ? ended.stdout : '')?.[1],
  );
  if (!(rate > 0)) throw new Error(`dnsperf: ${programFailure(ended) ?? 'no rate'}`);
  return rate;
}

function thousands(rate: number): string {
  return `${(rate / 1_000).toFixed(1)} k/s`;
}

function spreadOf(ratios: readonly number[]): string {
  return `${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})`;
}
