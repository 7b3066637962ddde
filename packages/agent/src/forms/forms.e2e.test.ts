import { once } from 'node:events';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from '@sixhub/base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formNames, holdsKey, isLocked } from '../domain/form.js';
import { makeAuthority, type Issued } from '../testing/authority.js';
import { startHub, type HubStandIn } from '../testing/hub-stand-in.js';
import { makeMachine, type Machine } from '../testing/machine.js';

const password = 'Correct horse "battery" $taple';

describe.each([
  ['EC', { rsa: false }],
  ['RSA', { rsa: true }],
])('every form of a certificate with an %s key', (_kind, algorithm) => {
  let hub: HubStandIn;
  let machine: Machine;
  let issued: Issued;
  let chain: string;
  let copies: string;
  const copyOf = (form: string): string => join(copies, `example.org.${form}`);

  beforeAll(async () => {
    hub = await startHub();
    machine = await makeMachine();
    copies = join(machine.root, 'copies');
    await mkdir(copies);
    const issuer = await (await makeAuthority()).intermediate();
    chain = issuer.pem;
    issued = await issuer.issue({ names: ['example.org'], ...algorithm });
    hub.offer('example.org', issued, chain);
    const passwordFile = join(machine.root, 'password');
    await writeFile(passwordFile, `${password}\nanother line\n`, { mode: 0o600 });
    const tables = formNames.map(
      (form) => `
[[certificate.copy]]
form = "${form}"
path = "${copyOf(form)}"
${isLocked(form) ? `password_file = "${passwordFile}"\nalias = "The web"` : ''}
`,
    );
    await machine.configure(`[[certificate]]\nname = "example.org"\n${tables.join('')}`);
    await machine.agent(['enroll'], hub.token());
  });
  afterAll(async () => {
    await hub[Symbol.asyncDispose]();
    await machine[Symbol.asyncDispose]();
  });

  const openssl = async (...args: readonly string[]): Promise<string> => {
    const result = await runProgram('openssl', args, { input: `${password}\n` });
    if (result.kind !== 'exited' || result.code !== 0) throw new Error(JSON.stringify(result));
    return result.stdout;
  };
  const keyOf = (text: string): string =>
    /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----/.exec(text)?.[0] ?? 'no key';

  it('is made without a secret in any argument, any environment or any open file', async () => {
    const run = machine.spawnAgent(['run']);
    const ended = once(run, 'exit');
    const secrets = [password, ...issued.privateKey.split('\n').slice(1, -2)];
    const programs = new Set<string>();
    const leaks = new Set<string>();
    while (run.exitCode === null && run.signalCode === null) {
      for (const { line, text } of await processes()) {
        if (text.includes(machine.root)) programs.add(line.split(' ')[0] ?? '');
        if (secrets.some((secret) => text.includes(secret))) leaks.add(line);
      }
      for (const path of await openToEveryone(machine.root)) leaks.add(path);
    }
    await ended;
    expect(run.exitCode).toBe(0);
    expect([...leaks]).toEqual([]);
    // What is not seen at all is seen to have no secret: that both programs were caught at work makes the test one.
    expect([...programs]).toEqual(expect.arrayContaining(['openssl', 'keytool']));
    expect(await readdir(machine.state)).not.toContain('workshop');
    expect((await readdir(copies)).sort()).toEqual(
      formNames.map((form) => `example.org.${form}`).sort(),
    );
  });

  it.each(formNames)('%s has the rights that its content asks for', async (form) => {
    const { mode } = await stat(copyOf(form));
    expect(mode & 0o777).toBe(holdsKey(form) ? 0o600 : 0o644);
  });

  it.each([
    ['joined', () => issued.certificate + chain + issued.privateKey],
    ['joined-key-first', () => `${issued.privateKey}\n${issued.certificate}${chain}`],
    ['fullchain', () => issued.certificate + chain],
    ['cert', () => issued.certificate],
    ['chain', () => chain],
    ['privkey', () => issued.privateKey],
  ])('%s is the PEM texts in their order', async (form, text) => {
    const plain = (pem: string): string => pem.replaceAll(/\n+/g, '\n').trim();
    expect(plain(await readFile(copyOf(form), 'utf8'))).toBe(plain(text()));
  });

  it('der and der-key are read by openssl, and belong together', async () => {
    const ofCertificate = await openssl(
      ...['x509', '-inform', 'DER', '-in', copyOf('der'), '-noout', '-pubkey'],
    );
    const ofKey = await openssl('pkey', '-inform', 'DER', '-in', copyOf('der-key'), '-pubout');
    expect(ofKey).toBe(ofCertificate);
    expect(await openssl('pkey', '-inform', 'DER', '-in', copyOf('der-key'))).toContain(
      keyOf(issued.privateKey),
    );
  });

  it.each([
    [
      'pkcs12',
      ['PBES2, PBKDF2, AES-256-CBC', 'PRF hmacWithSHA256', 'MAC: sha256'],
      ['pbeWithSHA1And', 'RC2'],
    ],
    ['pkcs12-3des', ['pbeWithSHA1And3-KeyTripleDES-CBC', 'MAC: sha1'], ['PBES2', 'RC2']],
  ])('%s is opened by openssl without its legacy provider', async (form, has, hasNot) => {
    const read = ['pkcs12', '-in', copyOf(form), '-passin', 'stdin'];
    const key = await openssl(...read, '-nocerts', '-nodes');
    expect(keyOf(key)).toBe(keyOf(issued.privateKey));
    expect(key).toContain('friendlyName: The web');
    const certificates = await openssl(...read, '-nokeys');
    expect(certificates.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    const leaf = await openssl(...read, '-nokeys', '-clcerts');
    expect(leaf.replaceAll('\n', '')).toContain(issued.certificate.trim().replaceAll('\n', ''));
    const info = await runProgram('openssl', [...read, '-info', '-noout'], {
      input: `${password}\n`,
    });
    const told = info.kind === 'exited' ? info.stderr : '';
    for (const words of has) expect(told).toContain(words);
    for (const words of hasNot) expect(told).not.toContain(words);
  });

  it('jks is opened by keytool, and its key is the one', async () => {
    const back = join(machine.root, 'back.p12');
    const passwordFile = join(machine.root, 'password');
    const result = await runProgram('keytool', [
      ...['-J-XX:-UsePerfData', '-importkeystore', '-noprompt'],
      ...['-srckeystore', copyOf('jks'), '-srcstoretype', 'JKS', '-srcalias', 'the web'],
      ...['-destkeystore', back, '-deststoretype', 'PKCS12'],
      ...['-srcstorepass:file', passwordFile, '-deststorepass:file', passwordFile],
    ]);
    expect(result).toMatchObject({ code: 0 });
    const key = await openssl('pkcs12', '-in', back, '-passin', 'stdin', '-nocerts', '-nodes');
    expect(keyOf(key)).toBe(keyOf(issued.privateKey));
    const certificates = await openssl('pkcs12', '-in', back, '-passin', 'stdin', '-nokeys');
    expect(certificates.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
  });
});

/** All processes with what `ps` can show of them. */
async function processes(): Promise<readonly { readonly line: string; readonly text: string }[]> {
  const ids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  const read = (id: string, file: string): Promise<string> =>
    readFile(`/proc/${id}/${file}`, 'utf8').catch(() => ''); // ended meanwhile
  return Promise.all(
    ids.map(async (id) => {
      const line = (await read(id, 'cmdline')).replaceAll('\0', ' ');
      return { line, text: `${line}\n${await read(id, 'environ')}` };
    }),
  );
}

/** Files with a key that everyone could reach and read just now. */
async function openToEveryone(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []); // changed under it
  const open = await Promise.all(
    entries.map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      const found = entry.isFile() ? await stat(path).catch(() => undefined) : undefined; // gone
      if (found === undefined || (found.mode & 0o007) === 0) return [];
      const content = await readFile(path, 'latin1').catch(() => '');
      const secret = /PRIVATE KEY/.test(content) || /key|pkcs12|jks|joined|workshop/.test(path);
      return secret ? [path] : [];
    }),
  );
  return open.flat();
}
