import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  makeAgent,
  makeHub,
  makeSelfSigned,
  startApache,
  startNameServer,
  startPebble,
  startResolver,
  type AgentHouse,
  type Apache,
  type HubHouse,
  type Lab,
  type NameServer,
} from '../../lab/index.js';

/** Everything around the hub and the agent that a real network has. */
export interface Laboratory {
  readonly nameServer: NameServer;
  readonly hub: HubHouse;
  readonly agent: AgentHouse;
  readonly apache: Apache;
  /** PEM file of the authority's root. */
  readonly root: string;
}

export const domain = 'example.org';
export const zone = 'acme-dns.beispiel.test';

export async function setUpLaboratory(lab: Lab): Promise<Laboratory> {
  const nameServer = await startNameServer(lab, [domain]);
  const resolver = await startResolver(lab, nameServer.stubs);
  const pebble = await startPebble(lab, { resolver: resolver.server });
  const hub = await makeHub(lab, { zone, resolver: resolver.server, authorities: [pebble] });
  await resolver.addStub(hub.stub);
  const agent = await makeAgent(lab, 'web');
  const apache = await startHandMadeApache(lab, join(agent.live, domain));
  await agent.configure([{ apache, certificates: [domain], names: [domain, `www.${domain}`] }]);
  const root = join(lab.directory, 'root.pem');
  await writeFile(root, await pebble.root());
  return { nameServer, hub, agent, apache, root };
}

/** As many a server is found: its files made once by hand, at the paths that certbot would have used. */
async function startHandMadeApache(lab: Lab, certificate: string): Promise<Apache> {
  await mkdir(certificate);
  const made = await makeSelfSigned(certificate, '127.0.0.1', domain, `www.${domain}`);
  await copyFile(made.certificate, join(certificate, 'fullchain.pem'));
  await copyFile(made.privateKey, join(certificate, 'privkey.pem'));
  await writeFile(join(certificate, 'chain.pem'), ''); // nobody stands above it
  return startApache(lab, [
    { address: lab.address(), names: [domain, `*.${domain}`], certificate },
  ]);
}
