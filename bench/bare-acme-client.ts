/**
 * The peer of `hub issue` for many certificates: npm's acme-client as somebody would use it in a script, with a hook on
 * an acme-dns API, and nothing kept. Started with the directory's URL, the file of its HTTPS certificate, the address
 * of the API, and how many at a time; the domains with their accounts stand on standard input.
 */
import { readFile } from 'node:fs/promises';
import { Agent } from 'node:https';
import { text } from 'node:stream/consumers';
import type { Registered } from '@sixhub/test/lab';
import acme from 'acme-client';

const [, , directoryUrl = '', trust = '', api = '', atOnce = ''] = process.argv;
const wanted = JSON.parse(await text(process.stdin)) as {
  readonly domain: string;
  readonly account: Registered;
}[];

acme.axios.defaults.httpsAgent = new Agent({
  keepAlive: true,
  ca: [await readFile(trust, 'utf8')],
});
const client = new acme.Client({
  directoryUrl,
  accountKey: await acme.crypto.createPrivateEcdsaKey('P-256'),
});
await client.createAccount({ termsOfServiceAgreed: true });

async function issueNext(): Promise<void> {
  for (let next = wanted.pop(); next !== undefined; next = wanted.pop()) {
    const { domain, account } = next;
    const key = await acme.crypto.createPrivateEcdsaKey('P-256');
    const [, csr] = await acme.crypto.createCsr({ altNames: [domain, `*.${domain}`] }, key);
    await client.auto({
      csr,
      termsOfServiceAgreed: true,
      challengePriority: ['dns-01'],
      skipChallengeVerification: true,
      challengeCreateFn: async (_authorization, _challenge, txt) => {
        const answer = await fetch(`${api}/update`, {
          method: 'POST',
          headers: { 'X-Api-User': account.username, 'X-Api-Key': account.password },
          body: JSON.stringify({ subdomain: account.subdomain, txt }),
        });
        if (!answer.ok) throw new Error(`acme-dns answered ${answer.status}`);
        await answer.arrayBuffer();
      },
      challengeRemoveFn: () => Promise.resolve(),
    });
  }
}

await Promise.all(Array.from({ length: Number(atOnce) }, issueNext));
