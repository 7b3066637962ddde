import {
  makeHub,
  startNameServer,
  startPebble,
  startResolver,
  type CommandResult,
  type Lab,
  type NameServer,
  type Pebble,
  type Resolver,
} from '@sixhub/test/lab';

export interface RunningHub {
  readonly pid: number;
  readonly nameServer: NameServer;
  readonly resolver: Resolver;
  readonly pebble: Pebble;
  renew(): Promise<CommandResult>;
}

/** A hub that runs and has issued `domain` once, with everything that it needs around it. */
export async function startHubHouse(lab: Lab, domain: string): Promise<RunningHub> {
  const nameServer = await startNameServer(lab, [domain, 'example.net']);
  const resolver = await startResolver(lab, nameServer.stubs);
  const pebble = await startPebble(lab, { resolver: resolver.server });
  const hub = await makeHub(lab, {
    zone: 'acme-dns.beispiel.test',
    resolver: resolver.server,
    authorities: [pebble],
  });
  await resolver.addStub(hub.stub);
  await hub.run(['init']);
  const daemon = await hub.serve();
  const asked = await hub.run(['issue', domain, '--wait-delegation', '0']);
  const target = /value {2}(\S+)/.exec(asked.stderr)?.[1];
  if (target === undefined) throw new Error(`hub issue printed no record: ${asked.stderr}`);
  await nameServer.addRecord(`_acme-challenge.${domain} CNAME ${target}.`);
  const first = await hub.run(['issue', domain]);
  if (first.code !== 0) throw new Error(`hub issue ended with ${first.code}: ${first.stderr}`);
  return {
    pid: daemon.pid,
    nameServer,
    resolver,
    pebble,
    renew: () => hub.run(['renew', domain]),
  };
}
