import { readFile } from 'node:fs/promises';
import { systemClock } from '@sixhub/base';
import { httpsGet, type Lab } from '../../lab/index.js';
import { openConsole, type Console } from '../console.js';
import { issuedFingerprint } from './hub-says.js';
import { domain, setUpLaboratory, zone, type Laboratory } from './laboratory.js';
import { proveServed, showSight } from './proof.js';
import type { Stage } from '../stage.js';

/** One scene of the demonstration: where it plays and what it has at hand. */
interface Scene extends Laboratory {
  readonly stage: Stage;
  readonly console: Console;
  readonly signal: AbortSignal;
}

const timerMs = 2_000;

/** Resolves only if both versions were proven to be served. */
export async function tellHubStory(lab: Lab, stage: Stage, signal: AbortSignal): Promise<void> {
  stage.heading('A small internet, on loopback addresses');
  const laboratory = await setUpLaboratory(lab);
  const scene = { ...laboratory, stage, signal, console: openConsole(stage, signal) };
  await lookAround(scene);
  await startTheHub(scene);
  await issue(scene);
  await enrolTheAgent(scene);
  const first = await prove(scene, 'What a client sees now');
  await list(scene);
  await renew(scene);
  const second = await prove(scene, 'What a client sees after the renewal');
  if (first === second) throw new Error('the renewal changed nothing that a client could see');
  await askTheApi(scene);
}

async function lookAround(scene: Scene): Promise<void> {
  const { stage, nameServer, apache } = scene;
  stage.say(`the name server of ${domain}    unbound, authoritative, ${nameServer.address}`);
  stage.say('the certificate authority         pebble, the test server of Let’s Encrypt');
  stage.say('its resolver                      unbound, recursive');
  stage.say(`the web server                    Apache, ${apache.endpoints.join(' ')}`);
  stage.say('Apache serves a certificate that somebody made by hand; nobody trusts it:');
  await showSight(stage, lookAt(scene));
}

async function startTheHub({ stage, console, hub }: Scene): Promise<void> {
  stage.heading('The hub, with its acme-dns server inside');
  await console.run('hub init', (options) => hub.run(['init'], options));
  stage.command('hub serve &');
  const daemon = await hub.serve();
  stage.output(`running, process ${daemon.pid}; answers DNS for ${zone} at ${hub.address}`);
}

async function issue({ stage, console, hub, nameServer }: Scene): Promise<void> {
  stage.heading(`A certificate for ${domain} and *.${domain}`);
  const created: Promise<void>[] = [];
  // Plays the administrator, who reads the record off the screen and pastes it at the registrar.
  const paste = (line: string): string => {
    const record = /^\s*(_acme-challenge\.\S+ \d+ IN CNAME \S+)$/.exec(line)?.[1];
    if (record !== undefined) created.push(nameServer.addRecord(record));
    return line;
  };
  await console.run(`hub issue ${domain}`, (options) => hub.run(['issue', domain], options), {
    edit: paste,
  });
  await Promise.all(created);
  stage.say(
    `(The demonstration pasted that record into the zone of ${domain}, as you would, once.)`,
  );
}

async function enrolTheAgent({ stage, console, hub, agent }: Scene): Promise<void> {
  stage.heading('An agent on the web server');
  const invitation = await console.run(
    `hub agent add web --cert ${domain}`,
    (options) => hub.run(['agent', 'add', 'web', '--cert', domain], options),
    { edit: (line) => (line.startsWith('sixhub1.') ? `${line.slice(0, 24)}…` : line) },
  );
  await console.run('hub-agent enroll', (options) => agent.run(['enroll'], options), {
    input: invitation.stdout,
  });
  stage.say('Its first run takes the hand-made directory over, because it is told to:');
  await console.run('hub-agent run --adopt', (options) => agent.run(['run', '--adopt'], options));
}

async function prove(scene: Scene, title: string): Promise<string> {
  const { stage, hub, signal } = scene;
  stage.heading(title);
  const sight = await showSight(stage, lookAt(scene));
  proveServed(sight, await issuedFingerprint(hub, signal));
  stage.say(
    'Verified against the authority’s root; the wildcard’s name fits; it is what the hub issued.',
  );
  return sight.fingerprint;
}

async function list({ stage, console, hub }: Scene): Promise<void> {
  stage.heading('What the hub knows');
  await console.run('hub list', (options) => hub.run(['list'], options));
  await console.run(`hub show ${domain}`, (options) => hub.run(['show', domain], options));
}

async function renew({ stage, console, hub, agent, signal }: Scene): Promise<void> {
  stage.heading('A renewal, which the agent’s timer brings to Apache');
  const renewed = new AbortController();
  const timer = tick(AbortSignal.any([signal, renewed.signal]), async () => {
    const { stdout } = await agent.run(['run'], { signal });
    for (const line of stdout.trimEnd().split('\n')) stage.output(`[web, timer] ${line}`);
  });
  try {
    await console.run(`hub renew ${domain} --wait-deployed 30s`, (options) =>
      hub.run(['renew', domain, '--wait-deployed', '30s'], options),
    );
  } finally {
    renewed.abort();
    await timer;
  }
}

/** What sixhub-agent.timer does on a real machine: a run each so often, until told to stop. */
async function tick(signal: AbortSignal, run: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await systemClock.sleep(timerMs, signal).catch(() => undefined); // told to stop
    if (!signal.aborted) await run();
  }
}

async function askTheApi({ stage, console, hub, signal }: Scene): Promise<void> {
  stage.heading('The same, for monitoring');
  const made = await console.run(
    'hub token add monitoring --scope read',
    (options) => hub.run(['token', 'add', 'monitoring', '--scope', 'read'], options),
    { edit: (line) => line.replace(/^\S{24,}$/, (token) => `${token.slice(0, 12)}…`) },
  );
  signal.throwIfAborted();
  const url = `${hub.apiUrl}/v1/certificates/${domain}`;
  stage.command(`curl --cacert ca.pem -H "Authorization: Bearer $TOKEN" ${url}`);
  const headers = { Authorization: `Bearer ${made.stdout.trim()}` };
  const { status, body } = await httpsGet(url, { ca: await readFile(hub.ca), headers });
  if (status !== 200) throw new Error(`${url} answered ${status}: ${body}`);
  for (const line of outlined(JSON.parse(body))) stage.output(line);
}

/** JSON with one line for each of the outermost keys. */
function outlined(document: object): readonly string[] {
  const lines = Object.entries(document).map(
    ([key, value], index, all) =>
      `  ${JSON.stringify(key)}: ${JSON.stringify(value)}${index < all.length - 1 ? ',' : ''}`,
  );
  return ['{', ...lines, '}'];
}

/** By a name that only the wildcard covers. */
function lookAt({ apache, root, signal }: Scene): Parameters<typeof showSight>[1] {
  return { endpoint: apache.endpoints[0] ?? '', serverName: `www.${domain}`, root, signal };
}
