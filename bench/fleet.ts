import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { apiClient, mustBe, openEstate, residentMegabytes, type Estate } from '@sixhub/test/lab';
import { z } from 'zod';
import type { Order, Word } from './crowd.js';
import { makeAgents } from './fleet-agents.js';
import { spread } from './median.js';

const name = 'example.org';
/** Six hundred polls, at a rate that a busy machine keeps up with, too. */
const warmUp = { perSecond: 60, seconds: 10 } as const;
const crowdFile = fileURLToPath(new URL('crowd.js', import.meta.url));

export interface FleetSizes {
  readonly waiting: number;
  readonly held: number;
  readonly polling: number;
  readonly turns: number;
}

/**
 * One real hub with a real authority, and a crowd of simulated agents in another process, each with its own client
 * certificate: how soon all that wait have a new version, what a poll costs, and what a waiting one keeps in memory.
 */
export async function benchFleet(
  { waiting, held, polling, turns }: FleetSizes,
  print: (line: string) => void,
): Promise<void> {
  // As the hub's unit has it (packages/hub/systemd/sixhub.service).
  Object.assign(process.env, await unitEnvironment());
  await using estate = await openEstate({ domains: [name] });
  const { hub } = estate;
  {
    await using _first = await hub.serve();
    await estate.delegate(name);
    await mustBe(0, await hub.run(['issue', name]));
  }
  const identities = Math.max(waiting, held);
  const file = await makeAgents(hub, name, { rows: Math.max(polling, identities), identities });
  print(
    `fleet: ${polling} agents of one hub, ${turns} turns; load ${loadavg()[0]?.toFixed(1) ?? ''}`,
  );
  const context: Context = { estate, file, print };
  await benchPolls(context, polling, turns);
  await benchDelivery(context, waiting, turns);
  await benchMemory(context, held, turns);
}

async function unitEnvironment(): Promise<Readonly<Record<string, string>>> {
  const unit = fileURLToPath(new URL('../../packages/hub/systemd/sixhub.service', import.meta.url));
  const lines = (await readFile(unit, 'utf8')).matchAll(/^Environment=(\w+)=(\S+)$/gm);
  const found = Object.fromEntries([...lines].map(([, word = '', value = '']) => [word, value]));
  if (Object.keys(found).length === 0) throw new Error(`${unit} sets no environment`);
  return found;
}

interface Context {
  readonly estate: Estate;
  readonly file: string;
  readonly print: (line: string) => void;
}

/** Processor time of all the hub's threads, with what it does anyhow taken off. */
async function benchPolls(
  { estate, file, print }: Context,
  agents: number,
  turns: number,
): Promise<void> {
  const seconds = 15;
  const perSecond = agents / 900;
  await using hub = await estate.hub.serve();
  await using crowd = await startCrowd(estate, file);
  await crowd.order({ kind: 'poll', ...warmUp }); // what compiles itself does so now
  const quiet: number[] = [];
  const busy: number[] = [];
  const took: number[] = [];
  let octets = 0;
  for (let turn = 0; turn < turns; turn++) {
    quiet.push(await share(hub.pid, () => sleep(seconds * 1_000)));
    const order: Order = { kind: 'poll', perSecond, seconds };
    busy.push(
      await share(hub.pid, async () => {
        const word = await crowd.order(order);
        if (word.kind !== 'polled') throw new Error(`a poll ended as ${word.kind}`);
        took.push(...word.milliseconds);
        ({ octets } = word);
      }),
    );
  }
  const cost = busy.map((used, turn) => used - (quiet[turn] ?? 0));
  print(
    `  ${agents} agents, each every 15 minutes (${perSecond.toFixed(1)} polls a second): ` +
      `${spread(cost, { digits: 2, unit: ' %' })} of a core; under 5 wanted`,
  );
  print(
    `    a poll ${spread(
      cost.map((percent) => (percent * 10) / perSecond),
      { digits: 2, unit: ' ms' },
    )} of processor time; the hub alone ${spread(quiet, { digits: 2, unit: ' %' })}`,
  );
  print(
    `    answered after ${inPercentiles(took)} with its handshake, by ${octets} octets of header`,
  );
}

async function benchDelivery(
  { estate, file, print }: Context,
  count: number,
  turns: number,
): Promise<void> {
  await using hub = await estate.hub.serve();
  const last: number[] = [];
  const all: number[] = [];
  const used: number[] = [];
  for (let turn = 0; turn <= turns; turn++) {
    await using crowd = await startCrowd(estate, file);
    await crowd.order({ kind: 'wait', count });
    const before = await processorMs(hub.pid);
    const has = crowd.next();
    await mustBe(0, await estate.hub.run(['renew', name]));
    const word = await has;
    if (word.kind !== 'has') throw new Error(`waiting ended as ${word.kind}`);
    const after = await processorMs(hub.pid);
    const shown = await mustBe(0, await estate.hub.run(['show', name, '--json']));
    const storedAt = storedIn(JSON.parse(shown.stdout));
    if (turn === 0) continue; // what compiles itself does so now
    const times = word.at.map((at) => at - storedAt);
    last.push(Math.max(...times));
    all.push(...times);
    used.push((after - before) / count);
  }
  print(
    `  a new version to ${count} that wait, from stored to the last: ` +
      `${spread(last, { unit: ' ms' })}; under 5,000 wanted`,
  );
  print(
    `    to each ${inPercentiles(all)}; ${spread(used, { digits: 2, unit: ' ms' })} of the hub's ` +
      'processor time an agent, its report included',
  );
}

async function benchMemory(
  { estate, file, print }: Context,
  count: number,
  turns: number,
): Promise<void> {
  const each: number[] = [];
  for (let turn = 0; turn < turns; turn++) {
    await using hub = await estate.hub.serve();
    await using crowd = await startCrowd(estate, file);
    await crowd.order({ kind: 'poll', ...warmUp });
    await sleep(2_000);
    const empty = await residentMegabytes(hub.pid);
    await crowd.order({ kind: 'wait', count });
    const metrics = await apiClient(estate.hub, `bench${turn}`, '--scope', 'metrics');
    const { body } = await metrics.get('/metrics');
    if (!body.includes(`sixhub_agents{state="waiting"} ${count}\n`))
      throw new Error('not all are held');
    await sleep(5_000);
    const full = await residentMegabytes(hub.pid);
    each.push(((full - empty) * 1_024) / count);
    print(`    ${empty.toFixed(0)} MB with none that waits, ${full.toFixed(0)} MB with ${count}`);
  }
  print(`  memory of one that waits: ${spread(each, { unit: ' KB' })}; under 60 wanted`);
}

interface Crowd extends AsyncDisposable {
  order(order: Order): Promise<Word>;
  next(): Promise<Word>;
}

async function startCrowd({ hub }: Estate, identities: string): Promise<Crowd> {
  const ca = await readFile(hub.ca, 'utf8');
  const setting = { url: hub.agentsUrl, ca, identities, certificate: name };
  const child: ChildProcess = fork(crowdFile, [JSON.stringify(setting)]);
  const ended = once(child, 'exit');
  const early = ended.then(() => [{ kind: 'failed', why: 'it ended' }]);
  const next = async (): Promise<Word> => {
    const [word] = (await Promise.race([once(child, 'message'), early])) as [Word];
    if (word.kind === 'failed') throw new Error(`the crowd: ${word.why}`);
    return word;
  };
  return {
    next,
    order(order) {
      const answer = next();
      child.send(order);
      return answer;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Percent of a core that a process uses while something is done. */
async function share(pid: number, work: () => Promise<void>): Promise<number> {
  const [start, before] = [performance.now(), await processorMs(pid)];
  await work();
  return (((await processorMs(pid)) - before) * 100) / (performance.now() - start);
}

/** To the nanosecond, unlike stat's hundredths of a second; its threads stay (proc_pid_schedstat). */
async function processorMs(pid: number): Promise<number> {
  let sum = 0;
  for (const thread of await readdir(`/proc/${pid}/task`)) {
    const told = await readFile(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').catch(() => '0');
    sum += Number(told.split(' ')[0]) / 1_000_000;
  }
  return sum;
}

function inPercentiles(values: readonly number[]): string {
  const sorted = values.toSorted((left, right) => left - right);
  const at = (part: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN).toFixed(
      0,
    );
  return `${at(0.5)} ms (p99 ${at(0.99)} ms)`;
}

/** By the clock that hub and bench share. */
function storedIn(view: unknown): number {
  const { version } = z.object({ version: z.object({ issuedAt: z.iso.datetime() }) }).parse(view);
  return Date.parse(version.issuedAt);
}
