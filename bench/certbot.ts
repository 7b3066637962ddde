import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { programFailure, runProgram } from '@sixhub/base';
import { makeAcmeDns, programFile, registerAccount, type Estate } from '@sixhub/test/lab';

export interface Certbot {
  issue(): Promise<{ code: number; stderr: string; milliseconds: number }>;
}

/** certbot as Debian has it, with a hook on the API of an acme-dns of its own, for a domain delegated to that. */
export async function startCertbotHouse(
  { lab, nameServer, resolver, pebble }: Estate,
  domain: string,
): Promise<Certbot> {
  const place = await lab.makeDirectory('certbot');
  const house = await makeAcmeDns(lab);
  await house.serve();
  await resolver.addStub(house.stub);
  const account = await registerAccount(house);
  await nameServer.addRecord(`_acme-challenge.${domain} CNAME ${account.fulldomain}.`);
  const hook = join(place, 'hook');
  // curl is the cheapest hook there is; certbot runs it once for each name.
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
  const args = [
    ...['certonly', '--non-interactive', '--agree-tos', '--register-unsafely-without-email'],
    ...['--force-renewal', '--manual', '--preferred-challenges', 'dns', '--manual-auth-hook', hook],
    ...['--server', pebble.directory, '--key-type', 'ecdsa', ...directories],
    ...['-d', domain, '-d', `*.${domain}`],
  ];
  return {
    async issue() {
      const start = performance.now();
      const result = await runProgram(programFile('certbot'), args, {
        env: { ...process.env, REQUESTS_CA_BUNDLE: pebble.httpsCertificate },
      });
      const milliseconds = performance.now() - start;
      const failure = programFailure(result);
      return { code: failure === undefined ? 0 : 1, stderr: failure ?? '', milliseconds };
    },
  };
}
