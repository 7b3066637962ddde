import { spawn } from 'node:child_process';
import { rename, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import {
  answeredValues,
  commandLine,
  listensAt,
  makeAcmeDns,
  openLab,
  ports,
  programFile,
  registerAccount,
  runCommand,
  startDaemon,
  updateValue,
  type AcmeDnsHouse,
  type Registered,
} from '../../lab/index.js';

const value = (letter: string): string => letter.repeat(43);
const refused = '500 {"error": "db_error"}';
/** A change is refused after 5 s; what is more is this machine's. */
const boundMs = 8_000;

/** Another process that has the file locked, as a backup gone wrong does. */
async function lock(file: string): Promise<AsyncDisposable> {
  const child = spawn(programFile('sqlite3'), ['-batch', file], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const lines = createInterface({ input: child.stdout });
  const locked = new Promise<void>((resolve) => lines.once('line', () => resolve()));
  child.stdin.write("begin exclusive;\nselect 'locked';\n");
  await locked;
  return {
    async [Symbol.asyncDispose]() {
      child.stdin.end('rollback;\n');
      await ended;
    },
  };
}

/** Answers go on, updates and registrations are refused in time. */
async function expectStalled(house: AcmeDnsHouse, account: Registered): Promise<void> {
  const before = performance.now();
  const update = updateValue(house, account, value('b'));
  const registration = fetch(`${house.api}/register`, { method: 'POST' });
  for (let count = 0; count < 50; count++) {
    const asked = performance.now();
    expect(await answeredValues(house, account)).toEqual([value('a')]);
    expect(performance.now() - asked).toBeLessThan(1_000);
  }
  expect(await update).toBe(refused);
  const answer = await registration;
  expect(`${answer.status} ${await answer.text()}`).toBe(refused);
  expect(performance.now() - before).toBeLessThan(boundMs);
  expect(await answeredValues(house, account)).toEqual([value('a')]);
}

async function expectRecovered(house: AcmeDnsHouse, account: Registered): Promise<void> {
  await expect
    .poll(() => updateValue(house, account, value('c')), { timeout: boundMs })
    .toContain('200');
  // A change that was on its way to the disk when its time ran out may be there, too: nobody can call it back.
  expect(await answeredValues(house, account)).toContain(value('c'));
}

test('a database that another process has locked', async () => {
  await using lab = await openLab();
  const house = await makeAcmeDns(lab);
  const daemon = await house.serve();
  const account = await registerAccount(house);
  await updateValue(house, account, value('a'));
  {
    await using _lock = await lock(house.database);
    await expectStalled(house, account);
    await expect
      .poll(() => daemon.log(), { timeout: 5_000 })
      .toContain('"msg":"request not served"');
  }
  await expectRecovered(house, account);
});

test('a database whose file has gone, and comes back', async () => {
  await using lab = await openLab();
  const house = await makeAcmeDns(lab);
  const daemon = await house.serve();
  const account = await registerAccount(house);
  await updateValue(house, account, value('a'));
  await rename(house.database, `${house.database}.gone`);
  await expectStalled(house, account);
  // An answer may be here before the line that tells of it.
  await expect
    .poll(() => daemon.log(), { timeout: 5_000 })
    .toContain('was deleted or replaced while it was in use');
  await rename(`${house.database}.gone`, house.database);
  await expectRecovered(house, account);
});

test('a disk that is full, and has room again', async () => {
  await using lab = await openLab();
  const house = await makeAcmeDns(lab);
  // A file system of its own over the place, which this process sees through /proc.
  const outside = join(house.place, '..', 'outside.cfg');
  await rename(house.config, outside);
  const daemon = lab.own(
    await startDaemon({
      name: 'acme-dns',
      program: programFile('unshare', 'util-linux'),
      args: [
        ...['--mount', '--propagation', 'private', '/bin/sh', '-c'],
        'mount -t tmpfs -o size=1m lab "$0" && exec "$@"',
        ...[house.place, process.execPath, ...commandLine('acme-dns', ['serve', '-c', outside])],
      ],
      logFile: join(house.place, '..', 'log'),
      ready: listensAt(house.address, ports.acmeDnsApi),
    }),
  );
  const account = await registerAccount(house);
  await updateValue(house, account, value('a'));
  const filler = join(`/proc/${daemon.pid}/root`, house.place, 'filler');
  await expect(writeFile(filler, Buffer.alloc(2 ** 20))).rejects.toMatchObject({ code: 'ENOSPC' });
  await expectStalled(house, account);
  await rm(filler);
  await expectRecovered(house, account);
});

test('SIGTERM: what was taken is answered and kept, and it ends with 0', async () => {
  await using lab = await openLab();
  const house = await makeAcmeDns(lab);
  const daemon = await house.serve();
  const account = await registerAccount(house);
  const body = JSON.stringify({ subdomain: account.subdomain, txt: value('z') });
  const socket = connect(ports.acmeDnsApi, house.address);
  let received = '';
  socket.setEncoding('utf8').on('data', (chunk) => (received += String(chunk)));
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  // Its head and half of its body are there before the signal, the other half comes after.
  socket.write(
    `POST /update HTTP/1.1\r\nHost: x\r\nX-Api-User: ${account.username}\r\n` +
      `X-Api-Key: ${account.password}\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 20)}`,
  );
  await updateValue(house, account, value('a')); // a later request is done: that half has arrived
  daemon.signal('SIGTERM');
  await expect.poll(() => daemon.log()).toContain('"msg":"acme-dns stops"');
  socket.write(body.slice(20));
  await closed;
  expect(received).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(received).toContain('Connection: close\r\n');
  await expect.poll(() => daemon.isRunning()).toBe(false);
  await house.serve();
  expect(await answeredValues(house, account)).toEqual([value('a'), value('z')]);
});

test('told to stop while nobody asks, it says that it stops, and ends with 0', async () => {
  await using lab = await openLab();
  const house = await makeAcmeDns(lab);
  const stop = new AbortController();
  const ended = await runCommand('acme-dns', ['serve', '-c', house.config], {
    signal: stop.signal,
    onLine: (line) => {
      if (line.includes('"msg":"acme-dns serves"')) stop.abort();
    },
  });
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  expect(ended.stdout).toContain('"msg":"acme-dns stops"');
});
