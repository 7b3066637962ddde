import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { programFailure, runProgram, systemClock } from '@sixhub/base';
import {
  makeAcmeDns,
  mustBe,
  openEstate,
  registerAccount,
  residentMegabytes,
  runTool,
  type Estate,
} from '@sixhub/test/lab';
import { median, spread } from './median.js';
import { NameLatency, type Latencies } from './name-latency.js';
import { processMilliseconds } from './process.js';

const quietMs = 3_000;
/** Questions a second to the hub's name server, before and during the issuing. */
const steadyRate = 1_000;
/** As many at a time as the peer was the fastest with. */
const peerAtOnce = 8;

/**
 * Certificates for so many domains and their wildcards by one `hub issue`, from its start to its exit, in turns with a
 * bare script of acme-client, at one pebble through one resolver. Before each turn the hub forgets all but its account
 * and its delegations, so that each turn issues for the first time; both validate everything.
 */
export async function benchIssueMany(
  count: number,
  turns: number,
  print: (line: string) => void,
): Promise<void> {
  const domains = Array.from({ length: count }, (_, at) => `d${at + 1}.example`);
  const others = Array.from({ length: count }, (_, at) => `e${at + 1}.example`);
  await using estate = await openEstate({ domains: [...domains, ...others] });
  print(`issue-many: ${count} certificates of apex and wildcard, ${turns} turns`);
  const targets = await delegateAll(estate, domains);
  const peer = await makePeer(estate, others);
  const rates: { readonly hub: number; readonly peer: number }[] = [];
  const before: Latencies[] = [];
  const during: Latencies[] = [];
  const used: Record<string, number[]> = {};
  for (let turn = 0; turn <= turns; turn++) {
    const peerRate = (count * 60_000) / (await peer());
    await forgetCertificates(estate);
    await using hub = await estate.hub.serve();
    await using latency = await NameLatency.start(
      estate.lab,
      estate.hub.address,
      targets.map((target) => `${target} TXT`),
      steadyRate,
    );
    await systemClock.sleep(quietMs);
    const quiet = latency.take();
    const processes = { hub, pebble: estate.pebble, resolver: estate.resolver };
    const usedBefore = await processorTimes(processes);
    const issued = await estate.hub.run(['issue', ...domains]);
    if (issued.code !== 0)
      throw new Error(`hub issue: exit ${issued.code}: ${faults(issued.stderr)}`);
    const busy = latency.take();
    const usedAfter = await processorTimes(processes);
    if (turn === 0) continue; // registers the account, uncounted
    rates.push({ hub: (count * 60_000) / issued.milliseconds, peer: peerRate });
    before.push(quiet);
    during.push(busy);
    for (const [name, milliseconds] of Object.entries(usedAfter))
      (used[name] ??= []).push((milliseconds - (usedBefore[name] ?? 0)) / count);
    if (turn === turns)
      print(`  hub after it: ${(await residentMegabytes(hub.pid)).toFixed(0)} MB resident`);
  }
  print(`  hub          ${spread(rates.map(({ hub }) => hub))} a minute; 1200 wanted`);
  print(`  acme-client  ${spread(rates.map((rate) => rate.peer))}, ${peerAtOnce} at a time`);
  print(
    `  hub/acme-client, pair by pair: ${spread(
      rates.map((rate) => rate.hub / rate.peer),
      { digits: 2 },
    )}`,
  );
  const perCertificate = Object.entries(used).map(
    ([name, times]) => `${name} ${spread(times, { digits: 1 })}`,
  );
  print(`  processor time for one, in ms: ${perCertificate.join(', ')}`);
  print(`  DNS answers at ${steadyRate}/s, before:  ${shown(before)}`);
  print(`                        during:  ${shown(during)}; p99 under 5 ms wanted`);
}

async function processorTimes(
  processes: Readonly<Record<string, { readonly pid: number }>>,
): Promise<Readonly<Record<string, number>>> {
  const times = Object.entries(processes).map(
    async ([name, { pid }]): Promise<[string, number]> => [name, await processMilliseconds(pid)],
  );
  return Object.fromEntries(await Promise.all(times));
}

function shown(turns: readonly Latencies[]): string {
  const of = (pick: (one: Latencies) => number): string =>
    spread(turns.map(pick), { digits: 2, unit: ' ms' });
  const answers = median(turns.map(({ count }) => count));
  return `p99 ${of(({ p99 }) => p99)}, longest ${of(({ most }) => most)}, ${answers} answers`;
}

/** Of the hundred, those that did not come about, in one line. */
function faults(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => /^error: | can't: |stopped/.test(line));
  return lines.slice(0, 3).join(' | ');
}

/** Has the hub tell the records it wants, and makes them all at once. */
async function delegateAll(
  { hub, nameServer }: Estate,
  domains: readonly string[],
): Promise<readonly string[]> {
  await using _running = await hub.serve();
  const asked = await mustBe(3, await hub.run(['issue', ...domains, '--wait-delegation', '0']));
  const said = `${asked.stdout}\n${asked.stderr}`;
  const records = [...said.matchAll(/^ *(\S+) \d+ IN CNAME (\S+)$/gm)];
  if (records.length !== domains.length) throw new Error(`not all records: ${said.slice(0, 500)}`);
  await nameServer.addRecords(records.map(([, owner, target]) => `${owner} CNAME ${target}`));
  return records.map(([, , target = '']) => target);
}

/** While no hub runs. */
async function forgetCertificates({ hub }: Estate): Promise<void> {
  const tables = ['steps', 'issuances', 'renewals', 'versions', 'certificates'];
  const script = tables.map((table) => `DELETE FROM ${table};`).join(' ');
  await runTool('sqlite3', [join(hub.state, 'hub.db'), script]);
}

/** The script, with accounts at an acme-dns of its own; returns the milliseconds from its start to its exit. */
async function makePeer(
  { lab, nameServer, resolver, pebble }: Estate,
  domains: readonly string[],
): Promise<() => Promise<number>> {
  const house = await makeAcmeDns(lab, { api: 'registrations_per_minute = 1000000' });
  await house.serve();
  await resolver.addStub(house.stub);
  const wanted = await Promise.all(
    domains.map(async (domain) => ({ domain, account: await registerAccount(house) })),
  );
  await nameServer.addRecords(
    wanted.map(({ domain, account }) => `_acme-challenge.${domain} CNAME ${account.fulldomain}.`),
  );
  const script = fileURLToPath(new URL('bare-acme-client.js', import.meta.url));
  const words = [pebble.directory, pebble.httpsCertificate, house.api, String(peerAtOnce)];
  return async () => {
    const start = performance.now();
    const ended = await runProgram(process.execPath, [script, ...words], {
      input: JSON.stringify(wanted),
      timeoutMs: 300_000,
    });
    const failure = programFailure(ended);
    if (failure !== undefined) throw new Error(`the script of acme-client: ${failure}`);
    return performance.now() - start;
  };
}
