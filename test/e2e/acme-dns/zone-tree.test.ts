import { ask, type Response } from '@sixhub/acme-dns';
import { expect, test } from 'vitest';
import {
  makeZoneKeys,
  openLab,
  ports,
  runTool,
  startResolver,
  startZoneTree,
} from '../../lab/index.js';

const domain = 'example.org';
const types = { A: 1, NS: 2, SOA: 6, TXT: 16, DS: 43, RRSIG: 46, DNSKEY: 48 } as const;

async function told(
  address: string,
  name: string,
  type: number,
  dnssec = false,
): Promise<Response> {
  const answer = await ask({ address, port: ports.dns }, name, type, { transport: 'tcp', dnssec });
  if (answer.kind === 'answered') return answer.response;
  throw new Error(`${address}: ${answer.reason}`);
}

test('a zone above delegates to servers of which one lags, and one is dead', async () => {
  await using lab = await openLab();
  const tree = await startZoneTree(lab, { domain, servers: 3, records: [`${domain} TXT "old"`] });
  const [first, second, third] = tree.servers;
  const referral = await told(tree.parent.address, domain, types.NS);
  expect(referral.authoritative).toBe(false);
  expect(referral.authority.map(({ data }) => data)).toEqual(tree.servers.map(({ name }) => name));
  expect(referral.additional.flatMap(({ data }) => data || [])).toEqual(
    tree.servers.map(({ address }) => address),
  );
  await first?.serve(tree.zoneText([`${domain} TXT "new"`]));
  await third?.kill();
  const text = async (address = ''): Promise<string | undefined> =>
    (await told(address, domain, types.TXT)).answer[0]?.data;
  expect(await text(first?.address)).toBe('new');
  expect(await text(second?.address)).toBe('old');
  await expect(text(third?.address)).rejects.toThrow('ECONNREFUSED');
});

test('a signed zone below a signed zone: a validating resolver says AD, or SERVFAIL', async () => {
  await using lab = await openLab();
  const tree = await startZoneTree(lab, { domain, servers: 1 });
  const keys = await makeZoneKeys(lab, domain);
  const above = await makeZoneKeys(lab, tree.above);
  const [server] = tree.servers;
  const validator = await startResolver(lab, tree.stubs, [above.anchor]);
  const dig = async (): Promise<string> => {
    await validator.forget();
    const to = [`@${validator.address}`, '-p', String(ports.dns)];
    return runTool('dig', [...to, domain, 'TXT', '+dnssec']);
  };
  const text = tree.zoneText([`${domain} TXT "signed"`]);
  await tree.parent.serve(await above.sign(tree.parentText(keys.ds)));
  await server?.serve(await keys.sign(text));
  expect(await dig()).toMatch(/status: NOERROR.*flags: qr rd ra ad;.*"signed"/s);
  await server?.serve(await keys.sign(text, { from: new Date(0), to: new Date(86_400_000) }));
  expect(await dig()).toMatch(/status: SERVFAIL/);
  await tree.parent.serve(await above.sign(tree.parentText()));
  expect(await dig()).toMatch(/status: NOERROR.*flags: qr rd ra;.*"signed"/s);
});
