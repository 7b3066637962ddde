import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { programFailure, runProgram } from '@sixhub/base';
import {
  checkoutRoot,
  listensAt,
  ports,
  programFile,
  startDaemon,
  type Lab,
} from '@sixhub/test/lab';
import type { RunningHub } from './hub-house.js';

export interface Certbot {
  issue(): Promise<{ code: number; stderr: string; milliseconds: number }>;
}

/** certbot as Debian has it, with a hook on the API of an acme-dns of its own, for a domain delegated to that. */
export async function startCertbotHouse(
  lab: Lab,
  hub: RunningHub,
  domain: string,
): Promise<Certbot> {
  const place = await lab.makeDirectory('certbot');
  const address = lab.address();
  const zone = 'acme-dns.certbot.test';
  await startAcmeDns(lab, place, address, zone);
  await hub.resolver.addStub({ zone, at: [`${address}:${ports.dns}`] });
  const account = await register(`http://${address}:${ports.acmeDnsApi}`);
  await hub.nameServer.addRecord(`_acme-challenge.${domain} CNAME ${account.fulldomain}.`);
  const hook = join(place, 'hook');
  // curl is the cheapest hook there is; certbot runs it once for each name.
  await writeFile(
    hook,
    `#!/bin/sh
exec curl -fsS -X POST http://${address}:${ports.acmeDnsApi}/update -H 'X-Api-User: ${account.username}' -H 'X-Api-Key: ${account.password}' -d '{"subdomain":"${account.subdomain}","txt":"'"$CERTBOT_VALIDATION"'"}' -o /dev/null
`,
  );
  await chmod(hook, 0o755);
  const directories = ['config', 'work', 'logs'].flatMap((name) => [
    `--${name}-dir`,
    join(place, name),
  ]);
  const args = [
    ...['certonly', '--non-interactive', '--agree-tos', '--register-unsafely-without-email'],
    ...['--force-renewal', '--manual', '--preferred-challenges', 'dns', '--manual-auth-hook', hook],
    ...['--server', hub.pebble.directory, '--key-type', 'ecdsa', ...directories],
    ...['-d', domain, '-d', `*.${domain}`],
  ];
  return {
    async issue() {
      const start = performance.now();
      const result = await runProgram(programFile('certbot'), args, {
        env: { ...process.env, REQUESTS_CA_BUNDLE: hub.pebble.httpsCertificate },
      });
      const milliseconds = performance.now() - start;
      const failure = programFailure(result);
      return { code: failure === undefined ? 0 : 1, stderr: failure ?? '', milliseconds };
    },
  };
}

async function startAcmeDns(lab: Lab, place: string, address: string, zone: string): Promise<void> {
  const config = join(place, 'acme-dns.cfg');
  await writeFile(
    config,
    `[general]
listen = "${address}:${ports.dns}"
protocol = "both"
domain = "${zone}"
nsname = "${zone}"
nsadmin = "hostmaster.${zone}"
records = ["${zone}. A ${address}"]
[database]
engine = "sqlite3"
connection = "${join(place, 'acme-dns.db')}"
[api]
ip = "${address}"
port = "${ports.acmeDnsApi}"
tls = "none"
disable_registration = false
[logconfig]
loglevel = "info"
`,
  );
  lab.own(
    await startDaemon({
      name: 'acme-dns serve',
      program: join(checkoutRoot, 'packages/acme-dns/bin/acme-dns.js'),
      args: ['serve', '-c', config],
      logFile: join(place, 'log'),
      ready: listensAt(address, ports.acmeDnsApi),
    }),
  );
}

interface Account {
  readonly username: string;
  readonly password: string;
  readonly fulldomain: string;
  readonly subdomain: string;
}

function register(url: string): Promise<Account> {
  return new Promise((resolve, reject) => {
    request(`${url}/register`, { method: 'POST' }, (answer) => {
      text(answer).then((body) => resolve(JSON.parse(body)), reject);
    })
      .on('error', reject)
      .end();
  });
}
