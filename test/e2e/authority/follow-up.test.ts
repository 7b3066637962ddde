import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { AuthorityProblem, createCsr, createKey, openSession, renewalInfoId } from '@sixhub/acme';
import { systemClock } from '@sixhub/base';
import { expect, test } from 'vitest';
import { startTestAuthority, type TestAuthority } from '../../authority/authority.js';
import { pointers, stages } from '../../authority/conduct.js';
import { makeSelfSigned, openLab, ports, type Lab } from '../../lab/index.js';

/** A server within our network, that a client could be sent to; trusted, so that only the client itself holds back. */
async function startBystander(
  lab: Lab,
): Promise<{ readonly origin: string; readonly trust: string; requests(): number }> {
  const address = lab.address();
  const files = await makeSelfSigned(await lab.makeDirectory('bystander'), address, 'inside.test');
  const [key, cert] = await Promise.all([
    readFile(files.privateKey, 'utf8'),
    readFile(files.certificate, 'utf8'),
  ]);
  let requests = 0;
  const server = createServer({ key, cert }, (_incoming, outgoing) => {
    requests += 1;
    outgoing.writeHead(200, { 'Replay-Nonce': 'bm9uY2U', 'Content-Type': 'application/json' });
    outgoing.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(ports.https, address, resolve));
  lab.own({
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
  return { origin: `https://${address}:${ports.https}`, trust: cert, requests: () => requests };
}

const names = ['a.example.org'];

/** An authority of ours and what it could send us to. */
interface Place {
  readonly authority: TestAuthority;
  readonly bystander: Awaited<ReturnType<typeof startBystander>>;
  /** A certificate's whole life; the TXT value is always found. */
  live(): Promise<void>;
}

async function openPlace(lab: Lab): Promise<Place> {
  const bystander = await startBystander(lab);
  const values: string[] = [];
  const authority = await startTestAuthority(lab, {
    name: 'first',
    lookup: () => Promise.resolve(values),
  });
  const trust = `${await readFile(authority.httpsCertificate, 'utf8')}${bystander.trust}`;
  return {
    authority,
    bystander,
    async live() {
      using session = openSession({
        ...{ directoryUrl: authority.directory, trust, clock: systemClock },
        accountKey: await createKey('p256'),
      });
      await session.register([]);
      await session.lookUp();
      const order = await session.newOrder({ names });
      for (const { challenges } of await session.authorizations(order)) {
        for (const challenge of challenges) {
          values.push(await session.challengeValue(challenge));
          await session.respond(challenge);
        }
      }
      const csr = await createCsr(names, await createKey('p256'));
      await session.finalize(await session.validated(order.url), csr);
      const pem = await session.download(await session.issued(order.url), authority.roots[1]);
      await session.renewalInfo(renewalInfoId(pem) ?? '');
      await session.changeKey(await createKey('p256'));
      await session.revoke(pem, 'superseded');
    },
  };
}

async function refusal(work: Promise<void>): Promise<unknown> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return error;
  }
}

test.each(pointers)(
  'an authority whose %s is at another host: refused by name, and nothing is sent there',
  async (pointer) => {
    await using lab = await openLab();
    const { authority, bystander, live } = await openPlace(lab);
    await live();

    authority.conduct.elsewhere.set(pointer, bystander.origin);
    const refused = await refusal(live());
    expect(refused).toBeInstanceOf(AuthorityProblem);
    expect(refused).toMatchObject({ kind: 'malformed' });
    expect(String(refused)).toContain(bystander.origin);
    expect(bystander.requests()).toBe(0);
  },
);

test.each(stages)('an authority that sends us on at %s: not followed', async (stage) => {
  await using lab = await openLab();
  const { authority, bystander, live } = await openPlace(lab);
  authority.conduct.trouble.set(stage, { kind: 'moved', to: `${bystander.origin}/admin` });
  const refused = await refusal(live());
  // Every answer has a nonce, that one too.
  if (stage !== 'nonce') expect(refused).toBeInstanceOf(AuthorityProblem);
  expect(bystander.requests()).toBe(0);
});
