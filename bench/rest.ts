import {
  apiClient,
  fillCertificates,
  makeUnlimitedHub,
  openLab,
  ports,
  residentMegabytes,
  runTool,
  type ApiClient,
  type HubHouse,
  type Lab,
} from '@sixhub/test/lab';
import { ask } from '@sixhub/acme-dns';
import { median, spread } from './median.js';

/**
 * The REST API of a real `hub serve`, asked by wrk over TLS with keep-alive, both on the same cores; pages of a long list
 * beside those of a short one; and what a hub with many certificates needs to start, and keeps.
 */
export async function benchRest(
  count: number,
  turns: number,
  print: (line: string) => void,
): Promise<void> {
  print(`rest: ${turns} turns; hub and client share this machine's cores`);
  await using lab = await openLab();
  const few = await startWith(lab, 100);
  const fewPages = await pages(few.client, turns);
  const { hub, client, first, ready, daemon } = await startWith(lab, count);
  print(
    `  start with ${count} certificates: first DNS answer after ${first.toFixed(0)} ms, ready after ${ready.toFixed(0)} ms; under 3,000 wanted`,
  );
  print(
    `  memory after the start: ${(await residentMegabytes(daemon.pid)).toFixed(0)} MB; under 300 wanted`,
  );

  const path = `/v1/certificates/c${String(Math.ceil(count / 2)).padStart(5, '0')}.example`;
  for (const [what, connections] of [
    ['one connection', 1],
    ['16 connections', 16],
  ] as const) {
    const rates: number[] = [];
    for (let turn = 0; turn < turns; turn++) rates.push(await wrk(hub, client, path, connections));
    print(
      `  status of one certificate, ${what}: ${spread(rates, { unit: ' a second' })}; 5,000 wanted`,
    );
  }
  const manyPages = await pages(client, turns);
  for (const [name, times] of manyPages) {
    const short = median(fewPages.get(name) ?? []);
    const ratio = (median(times) / short).toFixed(2);
    print(
      `  ${name}: ${spread(times, { digits: 2, unit: ' ms' })}, of ${count} to of 100: ${ratio}; 1 wanted`,
    );
  }
  print(
    `  memory after all this: ${(await residentMegabytes(daemon.pid)).toFixed(0)} MB; under 300 wanted`,
  );
}

async function startWith(lab: Lab, count: number) {
  const hub = await makeUnlimitedHub(lab);
  // Once, so that both databases are made.
  await (await hub.serve())[Symbol.asyncDispose]();
  await fillCertificates(hub, count);
  const start = performance.now();
  const first = firstAnswer(hub).then(() => performance.now() - start);
  const daemon = await hub.serve();
  const ready = performance.now() - start;
  const client = await apiClient(hub, 'bench');
  return { hub, client, daemon, first: await first, ready };
}

/** The name of an account, asked again and again until it is answered. */
async function firstAnswer(hub: HubHouse): Promise<void> {
  const server = { address: hub.address, port: ports.dns };
  for (;;) {
    const answer = await ask(server, hub.stub.zone, 6, { transport: 'udp', withinMs: 20 });
    if (answer.kind === 'answered') return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function pages(
  client: ApiClient,
  turns: number,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const times = new Map<string, number[]>();
  const soon = new Date(Date.now() + 81 * 86_400_000).toISOString();
  const routes = [
    ['a page of certificates', '/v1/certificates?limit=50'],
    ['a page from the middle', '/v1/certificates?limit=50&cursor=c00040.example'],
    ['those that end soon', `/v1/certificates?limit=50&expiring_before=${soon}`],
    ['a page of delegations', '/v1/delegations?limit=50'],
    ['whether it is ready', '/readyz'],
  ] as const;
  for (let turn = 0; turn <= turns * 5; turn++) {
    for (const [name, path] of routes) {
      const start = performance.now();
      const { status } = await client.get(path);
      if (status !== 200) throw new Error(`${path} was answered ${status}`);
      if (turn > 0) times.set(name, [...(times.get(name) ?? []), performance.now() - start]);
    }
  }
  return times;
}

/** Requests a second by one thread of wrk over some connections for three seconds. */
async function wrk(
  hub: HubHouse,
  { token }: ApiClient,
  path: string,
  connections: number,
): Promise<number> {
  const how = ['-t', '1', '-c', String(connections), '-d', '3s'];
  const said = await runTool(
    'wrk',
    [...how, '-H', `Authorization: Bearer ${token}`, `${hub.apiUrl}${path}`],
    { timeoutMs: 30_000 },
  );
  if (said.includes('Non-2xx')) throw new Error(said);
  return Number(/Requests\/sec: +([\d.]+)/.exec(said)?.[1]);
}
