import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { formatEndpoint } from '@sixhub/wire';
import type { Reading } from '../../domain/use.js';
import { makeDovecot, type Dovecot } from '../../testing/dovecot.js';
import { freePorts } from '../../testing/loopback.js';
import { command } from '../../testing/mail-daemon.js';
import { realParts, usesOf } from '../../testing/reader-parts.js';
import { makePair, type ServedPair } from '../../testing/served-pair.js';
import { contradicted, shownCertificate, usesIn } from '../../testing/shown-certificate.js';
import { readDovecot } from './read-dovecot.js';

/** What the reading says, against what Debian 12's Dovecot shows to OpenSSL's client. */

let pairs: string;
let one: ServedPair;
let rsa: ServedPair;
let two: ServedPair;
let three: ServedPair;
let dovecot: Dovecot;

beforeAll(async () => {
  pairs = await mkdtemp(join(tmpdir(), 'pairs-'));
  [one, rsa, two, three] = await Promise.all([
    makePair(pairs, 'one'),
    makePair(pairs, 'one', 'rsa'),
    makePair(pairs, 'two'),
    makePair(pairs, 'three'),
  ]);
});
afterAll(() => rm(pairs, { recursive: true }));
beforeEach(async () => {
  dovecot = await makeDovecot(one);
});
afterEach(() => dovecot[Symbol.asyncDispose]());

const serves = ({ certificate, privateKey }: ServedPair): string =>
  `ssl_cert = <${certificate}\n ssl_key = <${privateKey}`;
const block = (head: string, ...lines: readonly string[]): string =>
  `${head} {\n ${lines.join('\n ')}\n}`;
async function runWith(...lines: readonly string[]): Promise<Reading> {
  await dovecot.configure(lines);
  await dovecot.start();
  return readDovecot(realParts, dovecot.configuration);
}
/** `imap two, imaps two …` of what is asked by this name. */
const shownTo = (reading: Reading, name?: string): Record<string, readonly string[]> =>
  Object.fromEntries(
    Object.entries(dovecot.listeners).map(([listener, endpoint]) => [
      listener,
      usesIn(reading)
        .filter(
          (use) =>
            use.servername === name && formatEndpoint(use.endpoint) === formatEndpoint(endpoint),
        )
        .map(({ certificate }) => certificate.replace(/^.*\/|\.pem$/g, '')),
    ]),
  );
const everywhere = (...names: readonly string[]): Record<string, readonly string[]> =>
  Object.fromEntries(Object.keys(dovecot.listeners).map((listener) => [listener, names]));

it('says what each listener shows, in every protocol', async () => {
  const reading = await runWith();
  expect(shownTo(reading)).toEqual(everywhere('one-ec'));
  expect(usesIn(reading)).toHaveLength(6);
  expect(await contradicted(usesIn(reading))).toEqual([]);
});

it('knows an alternative certificate, and that it replaces one for the same kind of key', async () => {
  const both = await runWith(
    `ssl_alt_cert = <${rsa.certificate}`,
    `ssl_alt_key = <${rsa.privateKey}`,
  );
  expect(shownTo(both)).toEqual(everywhere('one-ec', 'one-rsa'));
  expect(await contradicted(usesIn(both))).toEqual([]);
  const replaced = await runWith(
    `ssl_alt_cert = <${two.certificate}`,
    `ssl_alt_key = <${two.privateKey}`,
  );
  expect(shownTo(replaced)).toEqual(everywhere('two-ec'));
  expect(await contradicted(usesIn(replaced))).toEqual([]);
});

it('knows what is shown by name: several in a block, upper case, wildcards for nobody', async () => {
  const reading = await runWith(
    block('local_name "two.example WWW.two.example"', serves(two)),
    block('local_name *.three.example', serves(three)),
    block('local_name mail.example', 'ssl_min_protocol = TLSv1.2'),
  );
  for (const name of ['two.example', 'www.two.example']) {
    expect(shownTo(reading, name)).toEqual({ ...everywhere('two-ec'), lmtp: [] });
  }
  expect(usesIn(reading)).toHaveLength(6 + 2 * 5);
  expect(await contradicted(usesIn(reading))).toEqual([]);
});

it('knows what is shown by protocol and by address', async () => {
  const { address, listeners } = dovecot;
  const reading = await runWith(
    block('protocol imap', serves(two)),
    block('protocol lmtp', serves(three)),
    block('protocol pop3', 'ssl = no'),
  );
  expect(shownTo(reading)).toEqual({
    ...everywhere('one-ec'),
    ...{ imap: ['two-ec'], imaps: ['two-ec'], lmtp: ['three-ec'], pop3: [], pop3s: [] },
  });
  expect(await contradicted(usesIn(reading))).toEqual([]);
  for (const endpoint of [listeners.pop3, listeners.pop3s]) {
    expect(await shownCertificate({ endpoint, servername: undefined })).toBeUndefined();
  }
  const local = await runWith(
    block('local 127.0.0.0/8', serves(three)),
    block(`local ${address}`, serves(two)),
    block('local 192.0.2.1', serves(rsa)),
  );
  expect(shownTo(local)).toEqual({ ...everywhere('two-ec'), lmtp: ['one-ec'] });
  expect(await contradicted(usesIn(local))).toEqual([]);
});

it('leaves it to Dovecot which of several blocks has the word, and says nothing where it refuses', async () => {
  const wildcard = await runWith(
    block('local_name *.example', serves(three)),
    block('local_name two.example', serves(two)),
  );
  expect(shownTo(wildcard, 'two.example')).toEqual({ ...everywhere('three-ec'), lmtp: [] });
  expect(await contradicted(usesIn(wildcard))).toEqual([]);
  const conflict = await runWith(
    block('local_name two.example', serves(two)),
    block('protocol imap', serves(three)),
  );
  expect(shownTo(conflict, 'two.example')).toEqual({
    ...everywhere('two-ec'),
    ...{ imap: [], imaps: [], lmtp: [] },
  });
  expect(await contradicted(usesIn(conflict))).toEqual([]);
  const endpoint = dovecot.listeners.imaps;
  expect(await shownCertificate({ endpoint, servername: 'two.example' })).toBeUndefined();
});

it('finds the addresses of a listener', async () => {
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = await freePorts('::', 5);
  const listener = (name: string, port: number, ...lines: readonly string[]): string =>
    block(`inet_listener ${name}`, `port = ${port}`, ...lines);
  const reading = await runWith(
    block(
      'service imap-login',
      listener('all', a, 'address = *, ::'),
      listener('six', b, 'address = ::'),
      listener('named', c, 'address = localhost', 'ssl = yes'),
      listener('proxy', d, 'haproxy = yes'),
      listener('off', 0),
    ),
    block('service submission-login', listener('submission', e)), // not in `protocols`
  );
  const more = usesOf(reading).filter((use) => !use.includes(dovecot.address));
  expect(more).toEqual(
    [
      `imap://127.0.0.1:${a} - ${one.certificate}`,
      `imap://[::1]:${a} - ${one.certificate}`,
      `imap://[::1]:${b} - ${one.certificate}`,
      `imaps://127.0.0.1:${c} - ${one.certificate}`,
    ].toSorted(),
  );
  expect(usesIn(reading)).toHaveLength(6 + 4);
  expect(await contradicted(usesIn(reading))).toEqual([]);
});

it('says after a change what is shown after a reload', async () => {
  await runWith();
  await dovecot.configure([serves(two)]);
  const reading = await readDovecot(realParts, dovecot.configuration);
  expect(shownTo(reading)).toEqual(everywhere('two-ec'));
  expect(await contradicted(usesIn(reading))).toHaveLength(6);
  await command(dovecot.check);
  await command(dovecot.reload);
  await expect.poll(() => contradicted(usesIn(reading)), { timeout: 20_000 }).toEqual([]);
});

it('gives the words of Dovecot where its configuration is broken or absent', async () => {
  await writeFile(dovecot.configuration, 'nonsense\n');
  expect(await readDovecot(realParts, dovecot.configuration)).toMatchObject({
    kind: 'unread',
    why: expect.stringMatching(/^doveconf: Fatal: Error in configuration file .* line 1: /),
  });
  expect(await readDovecot(realParts, '/no/such')).toMatchObject({
    kind: 'unread',
    why: 'doveconf: Fatal: open(/no/such) failed: No such file or directory',
  });
});
