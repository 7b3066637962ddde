import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { formatEndpoint } from '@sixhub/wire';
import type { Reading } from '../../domain/use.js';
import { makeExim, type Exim } from '../../testing/exim.js';
import { freePorts } from '../../testing/loopback.js';
import { command } from '../../testing/mail-daemon.js';
import { usesOf } from '../../testing/reader-parts.js';
import { makePair, type ServedPair } from '../../testing/served-pair.js';
import { contradicted, shownCertificate, usesIn } from '../../testing/shown-certificate.js';
import { readExim } from './read-exim.js';

/** What the reading says, against what Debian's Exim shows to OpenSSL's client. */

let pairs: string;
let one: ServedPair;
let rsa: ServedPair;
let two: ServedPair;
let exim: Exim;

beforeAll(async () => {
  pairs = await mkdtemp(join(tmpdir(), 'pairs-'));
  await chmod(pairs, 0o755);
  [one, rsa, two] = await Promise.all([
    makePair(pairs, 'one'),
    makePair(pairs, 'one', 'rsa'),
    makePair(pairs, 'two'),
  ]);
  for (const { privateKey } of [one, rsa, two]) await chmod(privateKey, 0o644); // Exim reads as its user
}, 120_000);
afterAll(() => rm(pairs, { recursive: true }));
beforeEach(async () => {
  exim = await makeExim(one);
}, 120_000); // the first time it is downloaded
afterEach(() => exim[Symbol.asyncDispose]());

const read = (): Promise<Reading> => readExim(exim.parts, exim.configuration);
const shown = (reading: Reading): readonly string[] => [
  ...new Set(usesIn(reading).map(({ certificate }) => certificate)),
];
async function runWith(...lines: readonly string[]): Promise<Reading> {
  await exim.configure(lines);
  await exim.start();
  return read();
}
const serves = (...served: readonly ServedPair[]): readonly string[] => [
  `tls_certificate = ${served.map(({ certificate }) => certificate).join(' : ')}`,
  `tls_privatekey = ${served.map(({ privateKey }) => privateKey).join(' : ')}`,
];

it('says what each listener shows, by STARTTLS and from the first byte', async () => {
  const reading = await runWith();
  expect(usesOf(reading)).toEqual(
    Object.values(exim.listeners)
      .map((endpoint) => `${formatEndpoint(endpoint)} - ${one.certificate}`)
      .toSorted(),
  );
  expect(await contradicted(usesIn(reading))).toEqual([]);
  await command(exim.check);
  await exim.configure(serves(two));
  await command(exim.reload);
  const after = usesIn(await read());
  expect(after.map(({ certificate }) => certificate)).toEqual([two.certificate, two.certificate]);
  await expect.poll(() => contradicted(after), { timeout: 10_000 }).toEqual([]);
});

it('knows a certificate for each kind of key, of which the first is shown', async () => {
  const reading = await runWith(...serves(one, rsa, two));
  expect(shown(reading).toSorted()).toEqual([one.certificate, rsa.certificate].toSorted());
  expect(await contradicted(usesIn(reading))).toEqual([]);
});

it('expands a value, and tells what is shown without a name', async () => {
  const list = join(exim.root, 'sni');
  await writeFile(list, `two.example: ${pairs}/two-ec\n`);
  const byName = (end: string): string =>
    `\${lookup{$tls_in_sni}lsearch{${list}}{$value${end}}{\${if exists{${one.certificate}}{${pairs}/one-ec${end}}{/none}}}}`;
  const reading = await runWith(
    `tls_certificate = ${byName('.pem')}`,
    `tls_privatekey = ${byName('.key')}`,
  );
  expect(shown(reading)).toEqual([one.certificate]);
  expect(await contradicted(usesIn(reading))).toEqual([]);
  const unsayable = await runWith(
    `tls_certificate = \${if eq{$received_port}{${exim.listeners.smtp.port}}{${one.certificate}}{${two.certificate}}}`,
  );
  expect(unsayable).toEqual({ kind: 'read', uses: [], prepare: [] });
});

it('finds the addresses of a listener, and those that show nothing', async () => {
  const [own = 0] = await freePorts('::', 1);
  const { smtp, submissions } = exim.listeners;
  const reading = await runWith(
    `local_interfaces = <; ${exim.address} ; [::1]:${own} ; 0.0.0.0.${own}`,
    'tls_advertise_hosts = *',
  );
  expect(usesOf(reading)).toEqual(
    [
      `smtp://${smtp.host}:${smtp.port} - ${one.certificate}`,
      `smtps://${submissions.host}:${submissions.port} - ${one.certificate}`,
      `smtp://[::1]:${own} - ${one.certificate}`,
      `smtp://127.0.0.1:${own} - ${one.certificate}`,
    ].toSorted(),
  );
  expect(await contradicted(usesIn(reading))).toEqual([]);
  const none = await runWith('tls_advertise_hosts =');
  expect(usesIn(none).map(({ endpoint }) => endpoint)).toEqual([submissions]);
  expect(await shownCertificate({ endpoint: smtp, servername: undefined })).toBeUndefined();
});

it('gives the words of Exim where its configuration is broken or absent', async () => {
  await exim.configure(['nonsense = yes']);
  expect(await read()).toMatchObject({
    kind: 'unread',
    why: expect.stringContaining('main option "nonsense" unknown'),
  });
  expect(await readExim(exim.parts, '/no/such')).toMatchObject({
    kind: 'unread',
    why: expect.stringContaining('/no/such'),
  });
});
