import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  makeApache,
  makeDovecot,
  makePostfix,
  parseEndpoint,
  seeOnWire,
  type Endpoint,
} from '@sixhub/agent/testing';
import { programFailure, runProgram } from '@sixhub/base';
import { z } from 'zod';
import {
  apiClient,
  checkoutRoot,
  makeAgent,
  mustBe,
  openEstate,
  startDaemon,
  type AgentHouse,
  type Estate,
} from '@sixhub/test/lab';
import { spread } from './median.js';

const name = 'example.org';
const program = join(checkoutRoot, 'packages/agent/bin/hub-agent.js');
/** A process's own word at its end, in KiB. */
const peak = `data:text/javascript,process.on('exit',()=>process.stderr.write('PEAK '+process.resourceUsage().maxRSS+'\\n'))`;

/**
 * A run with nothing to do, TLS to the hub and all, in turns with an empty Node; and the time from the moment a version
 * is stored at the hub until Apache, Postfix and Dovecot all show it on the wire, with `hub-agent watch` at work.
 */
export async function benchAgent(
  runs: number,
  versions: number,
  print: (line: string) => void,
): Promise<void> {
  await using estate = await openEstate({ domains: [name] });
  const { hub, lab } = estate;
  await using _hub = await hub.serve();
  await estate.delegate(name);
  await mustBe(0, await hub.run(['issue', name]));
  const { stdout: input } = await mustBe(0, await hub.run(['agent', 'add', 'web', '--cert', name]));
  const agent = await makeAgent(lab, 'web');
  await mustBe(0, await agent.run(['enroll'], { input }));
  print(`agent: ${runs} runs, ${versions} versions`);
  await benchIdle(agent, runs, print);
  await benchDeploy(estate, agent, versions, print);
}

async function benchIdle(
  agent: AgentHouse,
  runs: number,
  print: (line: string) => void,
): Promise<void> {
  await mustBe(0, await agent.run(['run']));
  const [empty, idle, ratios, peaks]: number[][] = [[], [], [], []];
  const words = [program, 'run', '--config', agent.config];
  for (let turn = 0; turn <= runs; turn++) {
    const none = await timed(['-e', '0']);
    const run = await timed(words);
    if (turn === 0) continue; // reads files for the first time
    empty?.push(none.milliseconds);
    idle?.push(run.milliseconds);
    ratios?.push(run.milliseconds / none.milliseconds);
    const said = (await timed(['--import', peak, ...words])).stderr;
    peaks?.push(Number(/PEAK (\d+)/.exec(said)?.[1]) / 1_024);
  }
  print(`  node -e 0         ${spread(empty ?? [], { digits: 1, unit: ' ms' })}`);
  print(`  nothing to do     ${spread(idle ?? [], { digits: 1, unit: ' ms' })}`);
  print(`  pair by pair      ${spread(ratios ?? [], { digits: 2 })}; at most 3 wanted`);
  print(`  resident at most  ${spread(peaks ?? [], { unit: ' MB' })}; under 90 wanted`);
}

async function timed(words: readonly string[]): Promise<{ milliseconds: number; stderr: string }> {
  const start = performance.now();
  const result = await runProgram(process.execPath, words);
  const milliseconds = performance.now() - start;
  const failure = programFailure(result);
  if (failure !== undefined) throw new Error(`node ${words.join(' ')}: ${failure}`);
  return { milliseconds, stderr: result.kind === 'exited' ? result.stderr : '' };
}

async function benchDeploy(
  { hub, lab }: Estate,
  agent: AgentHouse,
  versions: number,
  print: (line: string) => void,
): Promise<void> {
  const served = {
    certificate: join(agent.live, name, 'fullchain.pem'),
    privateKey: join(agent.live, name, 'privkey.pem'),
  };
  const hosts = [{ name, certificate: name }];
  await using apache = await makeApache(await lab.makeDirectory('apache'), agent.live, hosts);
  await using postfix = await makePostfix(served);
  await using dovecot = await makeDovecot(served);
  await Promise.all([apache.start(), postfix.start(), dovecot.start()]);
  const table = (kind: string, configuration: string, reload: readonly string[]): string =>
    `\n[[service]]\nkind = "${kind}"\nconfiguration = "${configuration}"\ncertificates = ["${name}"]\nreload = ${JSON.stringify(reload)}\n`;
  await appendFile(
    agent.config,
    table('apache', apache.configFile, apache.reload) +
      table('postfix', postfix.configuration, postfix.reload) +
      table('dovecot', dovecot.configuration, dovecot.reload),
  );
  await mustBe(0, await agent.run(['run', '--now']));
  const metrics = await apiClient(hub, 'metrics', '--scope', 'metrics');
  const isHeld = async (): Promise<boolean> =>
    (await metrics.get('/metrics')).body.includes('sixhub_agents{state="waiting"} 1\n');
  await using _watch = await startDaemon({
    name: 'hub-agent watch',
    program,
    args: ['watch', '--config', agent.config],
    logFile: join(agent.state, 'watch.log'),
    ready: { says: 'it is held by the hub', holds: isHeld },
  });
  const listeners = [
    parseEndpoint(apache.address),
    ...Object.values(postfix.listeners),
    ...Object.values(dovecot.listeners),
  ].flatMap((endpoint) => endpoint ?? []);
  const taken: number[] = [];
  for (let turn = 0; turn <= versions; turn++) {
    const before = new Set(await Promise.all(listeners.map(shownAt)));
    const renewal = hub.run(['renew', name]);
    await Promise.all(listeners.map((endpoint) => showsAnother(endpoint, before)));
    const allAt = Date.now();
    await mustBe(0, await renewal);
    const view: unknown = JSON.parse(
      (await mustBe(0, await hub.run(['show', name, '--json']))).stdout,
    );
    if (turn > 0) taken.push(allAt - storedAt(view));
    while (!(await isHeld())) await sleep(50);
  }
  print(
    `  from stored to shown at ${listeners.length} listeners of Apache, Postfix and Dovecot: ` +
      `${spread(taken, { unit: ' ms' })}; under 3,000 wanted`,
  );
}

/** What is shown there; a listener that is just reloading shows nothing new. */
async function shownAt(endpoint: Endpoint): Promise<string | undefined> {
  const seen = await seeOnWire({ endpoint, servername: undefined });
  return seen.kind === 'served' ? seen.fingerprint : undefined;
}

/** Not more often, since who connects in the moment of a reload may be answered by a daemon that ends, a second later. */
async function showsAnother(
  endpoint: Endpoint,
  before: ReadonlySet<string | undefined>,
): Promise<void> {
  for (;;) {
    const shown = await shownAt(endpoint);
    if (shown !== undefined && !before.has(shown)) return;
    await sleep(150);
  }
}

/** By the clock that hub and bench share. */
function storedAt(view: unknown): number {
  const { version } = z.object({ version: z.object({ issuedAt: z.iso.datetime() }) }).parse(view);
  return Date.parse(version.issuedAt);
}
