import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { formatEndpoint } from '@sixhub/wire';
import type { Reading } from '../../domain/use.js';
import { freePorts } from '../../testing/loopback.js';
import { command } from '../../testing/mail-daemon.js';
import { makePostfix, type Postfix, type PostfixChange } from '../../testing/postfix.js';
import { realParts, usesOf } from '../../testing/reader-parts.js';
import { makePair, type ServedPair } from '../../testing/served-pair.js';
import { contradicted, shownCertificate, usesIn } from '../../testing/shown-certificate.js';
import { readPostfix } from './read-postfix.js';

/** What the reading says, against what Debian's Postfix shows to OpenSSL's client. */

let pairs: string;
let one: ServedPair;
let rsa: ServedPair;
let two: ServedPair;
let postfix: Postfix;

beforeAll(async () => {
  pairs = await mkdtemp(join(tmpdir(), 'pairs-'));
  [one, rsa, two] = await Promise.all([
    makePair(pairs, 'one'),
    makePair(pairs, 'one', 'rsa'),
    makePair(pairs, 'two'),
  ]);
});
afterAll(() => rm(pairs, { recursive: true }));
beforeEach(async () => {
  postfix = await makePostfix(one);
});
afterEach(() => postfix[Symbol.asyncDispose]());

const read = (): Promise<Reading> => readPostfix(realParts, postfix.configuration);
/** Runs with this configuration, and reads it. */
async function runWith(change: PostfixChange): Promise<Reading> {
  await postfix.configure(change);
  const reading = await read();
  if (reading.kind === 'read') for (const argv of reading.prepare) await command(argv);
  await postfix.start();
  return reading;
}

it('says what each listener shows, by STARTTLS and from the first byte', async () => {
  const reading = await runWith({});
  const { smtp, submission, submissions } = postfix.listeners;
  expect(usesOf(reading)).toEqual(
    [smtp, submission, submissions]
      .map((endpoint) => `${formatEndpoint(endpoint)} - ${one.certificate}`)
      .toSorted(),
  );
  expect(reading).toMatchObject({ prepare: [] });
  expect(await contradicted(usesIn(reading))).toEqual([]);
});

it('knows certificates for two kinds of key, and which of two for one kind is shown', async () => {
  const reading = await runWith({
    main: [`smtpd_tls_chain_files = ${one.privateKey}, ${one.certificate}, ${rsa.whole}`],
  });
  expect(usesIn(reading)).toHaveLength(6);
  expect(await contradicted(usesIn(reading))).toEqual([]);

  const other = await runWith({
    main: [
      `smtpd_tls_eccert_file = ${two.certificate}`,
      `smtpd_tls_eckey_file = ${two.privateKey}`,
    ],
  });
  expect(usesIn(other).map(({ certificate }) => certificate)).toEqual(
    Array.from({ length: 3 }, () => two.certificate),
  );
  expect(await contradicted(usesIn(other))).toEqual([]);
});

it('applies what a service of master.cf says for itself', async () => {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0] = await freePorts('::', 7);
  const { address } = postfix;
  const reading = await runWith({
    main: ['my_pair = $my_name', `my_name = ${pairs}/two-ec`],
    master: [
      `${address}:${a} inet n - n - - smtpd -o smtpd_tls_security_level=none`,
      `${address}:${b} inet n - n - - smtpd -o smtpd_tls_security_level= -o smtpd_tls_wrappermode=yes`,
      `${address}:${c} inet n - n - - smtpd`,
      `  -o { smtpd_tls_chain_files = $my_pair.key $my_pair.pem } -o smtpd_use_tls=no`,
      `${address}:${d} inet n - n - - smtpd -o my_name=${pairs}/one-rsa`,
      '  -o smtpd_tls_chain_files=$my_pair-whole.pem',
      `${address}:${e} inet n - n - - smtpd -o smtpd_discard_ehlo_keywords=starttls`,
      `[::1]:${f} inet n - n - - smtpd`,
      `${address}:${g} inet n - n - - smtpd -o smtpd_tls_cert_file=none`,
    ],
  });
  const uses = usesOf(reading);
  expect(uses).toHaveLength(3 + 4);
  expect(uses).toContain(`smtps://${address}:${b} - ${one.certificate}`);
  expect(uses).toContain(`smtp://${address}:${c} - ${two.certificate}`);
  expect(uses).toContain(`smtp://${address}:${d} - ${rsa.whole}`);
  expect(uses).toContain(`smtp://[::1]:${f} - ${one.certificate}`);
  expect(await contradicted(usesIn(reading))).toEqual([]);
  for (const port of [a, e, g]) {
    const endpoint = { protocol: 'smtp', host: address, port } as const;
    expect(await shownCertificate({ endpoint, servername: undefined })).toBeUndefined();
  }
});

it('finds the addresses of a port that is named alone', async () => {
  const [port = 0, behind = 0] = await freePorts('::', 2);
  await postfix.configure({
    master: [
      `${port} inet n - n - - smtpd -o inet_interfaces=loopback-only`,
      `${behind} inet n - n - 1 postscreen`,
    ],
  });
  const all = usesOf(await read()).filter((use) => use.includes(`:${port} `));
  expect(all).toEqual([
    `smtp://127.0.0.1:${port} - ${one.certificate}`,
    `smtp://[::1]:${port} - ${one.certificate}`,
  ]);
  await postfix.start();
  expect(await contradicted(usesIn(await read()))).toEqual([]);

  await postfix.configure({
    main: ['inet_protocols = ipv4', 'inet_interfaces = localhost'],
    master: [`${port} inet n - n - - smtpd`],
  });
  const local = await read();
  expect(usesOf(local).filter((use) => use.includes(`:${port} `))).toEqual([
    `smtp://127.0.0.1:${port} - ${one.certificate}`,
  ]);
  await postfix.start();
  expect(await contradicted(usesIn(local))).toEqual([]);
});

it.each(['hash', 'texthash', 'inline'])('knows the names of a map of type %s', async (type) => {
  const source = join(postfix.root, 'sni');
  await writeFile(
    source,
    `# names\ntwo.example.org ${two.privateKey},\n   ${two.certificate}, ${rsa.whole}\n` +
      `.example.net ${two.whole}\nMail.example.com ${two.whole}\n`,
  );
  const table =
    type === 'inline'
      ? `inline:{ {two.example.org = ${two.privateKey}, ${two.certificate}, ${rsa.whole}} .example.net=${two.whole} Mail.example.com=${two.whole} }`
      : `${type}:${source}`;
  const reading = await runWith({ main: [`tls_server_sni_maps = ${table}`] });
  const { smtp } = postfix.listeners;
  expect(usesOf(reading).filter((use) => use.startsWith(formatEndpoint(smtp)))).toEqual(
    [
      `- ${one.certificate}`,
      `mail.example.com ${two.whole}`,
      `two.example.org ${two.certificate}`,
      `two.example.org ${rsa.whole}`,
    ]
      .map((words) => `${formatEndpoint(smtp)} ${words}`)
      .toSorted(),
  );
  expect(reading).toMatchObject({
    prepare:
      type === 'hash' ? [['postmap', '-c', postfix.configuration, '-F', `hash:${source}`]] : [],
  });
  expect(await contradicted(usesIn(reading))).toEqual([]);
});

it('says after a change what is shown after a reload', async () => {
  await runWith({});
  await postfix.configure({ main: [`smtpd_tls_chain_files = ${two.whole}`] });
  const uses = usesIn(await read());
  expect(uses.map(({ certificate }) => certificate)).toEqual(
    Array.from({ length: 3 }, () => two.whole),
  );
  await command(postfix.check);
  await command(postfix.reload);
  await expect.poll(() => contradicted(uses), { timeout: 20_000 }).toEqual([]);
});

it('gives the words of Postfix where its configuration is broken or absent', async () => {
  await postfix.configure({ master: ['nonsense'] });
  expect(await read()).toMatchObject({
    kind: 'unread',
    why: expect.stringMatching(/^postconf: fatal: .*master.cf: line \d+: bad field count$/),
  });
  expect(await readPostfix(realParts, '/no/such')).toMatchObject({
    kind: 'unread',
    why: expect.stringMatching(/^postconf: .*\/no\/such/),
  });
});
