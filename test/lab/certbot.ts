import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runTool } from './run-tool.js';
import { makeAcmeDns, registerAccount } from './acme-dns.js';
import type { Estate } from './estate.js';

/**
 * certbot as Debian has it, which ends with a stack trace where two nonces in a row are refused: what is not about
 * that gives it a pebble that refuses none. It has a tree of its own and a hook on the API of an acme-dns of its own.
 */
export interface CertbotHouse {
  /** What /etc/letsencrypt is elsewhere. */
  readonly directory: string;
  /** Points a domain's CNAME at its acme-dns. */
  delegate(domain: string): Promise<void>;
  /** `certbot certonly` with these words: `-d`, `--key-type`, … */
  issue(words: readonly string[]): Promise<void>;
  /** What its timer runs. */
  renew(): Promise<void>;
}

export async function makeCertbot({
  lab,
  nameServer,
  resolver,
  pebble,
}: Pick<Estate, 'lab' | 'nameServer' | 'resolver' | 'pebble'>): Promise<CertbotHouse> {
  const place = await lab.makeDirectory('certbot');
  const house = await makeAcmeDns(lab);
  await house.serve();
  await resolver.addStub(house.stub);
  const account = await registerAccount(house);
  const hook = join(place, 'hook');
  await writeFile(
    hook,
    `#!/bin/sh
exec curl -fsS -X POST ${house.api}/update -H 'X-Api-User: ${account.username}' -H 'X-Api-Key: ${account.password}' -d '{"subdomain":"${account.subdomain}","txt":"'"$CERTBOT_VALIDATION"'"}' -o /dev/null
`,
  );
  await chmod(hook, 0o755);
  const directories = ['config', 'work', 'logs'].flatMap((name) => [
    `--${name}-dir`,
    join(place, name),
  ]);
  const certbot = async (words: readonly string[]): Promise<void> => {
    await runTool('certbot', [...words, ...directories], {
      env: { ...process.env, REQUESTS_CA_BUNDLE: pebble.httpsCertificate },
    });
  };
  return {
    directory: join(place, 'config'),
    delegate: (domain) =>
      nameServer.addRecord(`_acme-challenge.${domain} CNAME ${account.fulldomain}.`),
    issue: (words) =>
      certbot([
        ...['certonly', '--non-interactive', '--agree-tos', '-m', 'admin@example.org'],
        ...['--manual', '--preferred-challenges', 'dns', '--manual-auth-hook', hook],
        ...['--server', pebble.directory, ...words],
      ]),
    renew: () => certbot(['renew', '--non-interactive']),
  };
}
