import { once } from 'node:events';
import net from 'node:net';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from '@sixhub/base';
import { expect, test } from 'vitest';
import {
  acmeDnsZone,
  listensAt,
  makeAcmeDns,
  openLab,
  ports,
  programFile,
  runTool,
} from '../../lab/index.js';

/** A question for the zone's SOA, as it goes over TCP. */
const query = Buffer.concat([
  Buffer.from([0, 17 + acmeDnsZone.length + 1, 0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
  ...acmeDnsZone.split('.').map((label) => Buffer.from([label.length, ...Buffer.from(label)])),
  Buffer.from([0, 0, 6, 0, 1]),
]);

const networks = 12;
const ofEach = 200;

test('thousands of half-open, slow and pipelined TCP clients: UDP goes on, and TCP for others', async () => {
  await using lab = await openLab();
  const house = await makeAcmeDns(lab);
  const metrics = `${house.address}:${ports.api}`;
  await house.configure({ more: `[metrics]\nlisten = "${metrics}"` });
  const daemon = await house.serve(listensAt(house.address, ports.api));
  const queries = join(house.place, 'queries');
  await writeFile(queries, `${acmeDnsZone} SOA\n`);

  const crowd = new Set<net.Socket>();
  const slow: net.Socket[] = [];
  const enter = async (index: number): Promise<void> => {
    const localAddress = `127.77.${index % networks}.1`;
    const socket = net.connect({ host: house.address, port: ports.dns, localAddress });
    socket.on('error', () => undefined); // closed by the server, as it may
    crowd.add(socket);
    await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
    if (index % 3 === 0) socket.write(query.subarray(0, 1));
    else if (index % 3 === 1) slow.push(socket);
    else {
      socket.pause();
      socket.write(Buffer.concat(Array.from({ length: 2_000 }, () => query)));
    }
  };
  for (let index = 0; index < networks * ofEach; index += 100)
    await Promise.all(Array.from({ length: 100 }, (_, at) => enter(index + at)));
  let octet = 0;
  const drip = setInterval(() => {
    for (const socket of slow) socket.write(query.subarray(octet, octet + 1));
    octet = (octet + 1) % (query.length - 1);
  }, 500);
  try {
    const stream = await runProgram(programFile('dnsperf'), [
      ...['-s', house.address, '-p', String(ports.dns), '-d', queries],
      ...['-l', '3', '-Q', '2000', '-t', '2', '-q', '100'],
    ]);
    expect(stream).toMatchObject({ kind: 'exited', code: 0 });
    const said = stream.kind === 'exited' ? stream.stdout : '';
    expect(said).toMatch(/Queries sent: +[56]\d{3}/);
    expect(said).toMatch(/Queries lost: +0 /);
    const dig = [
      '+tcp',
      '+short',
      '+tries=1',
      '+time=2',
      `@${house.address}`,
      '-p',
      String(ports.dns),
    ];
    expect(await runTool('dig', [...dig, acmeDnsZone, 'SOA'])).toContain('admin.');

    const closed = async (reason: string): Promise<number> => {
      const text = await (await fetch(`http://${metrics}/metrics`)).text();
      return Number(new RegExp(`closed_total\\{reason="${reason}"\\} (\\d+)`).exec(text)?.[1]);
    };
    expect(await closed('full')).toBeGreaterThan(0); // 2,400 came, and 2,000 may stay
    await expect.poll(() => closed('slow'), { timeout: 20_000 }).toBeGreaterThan(100);
    await expect.poll(() => closed('idle'), { timeout: 20_000 }).toBeGreaterThan(1_000);
    const resident = await runTool('grep', ['VmRSS', `/proc/${daemon.pid}/status`]);
    expect(Number(/\d+/.exec(resident)?.[0])).toBeLessThan(400_000);
  } finally {
    clearInterval(drip);
    for (const socket of crowd) socket.destroy();
  }
});

test('one address can not keep others out', async () => {
  await using lab = await openLab();
  const house = await makeAcmeDns(lab);
  await house.serve();
  const quiet = net.connect({ host: house.address, port: ports.dns, localAddress: '127.77.1.1' });
  await once(quiet, 'connect');
  const greedy: net.Socket[] = [];
  for (let index = 0; index < 1_000; index++) {
    const socket = net.connect({
      host: house.address,
      port: ports.dns,
      localAddress: '127.77.2.2',
    });
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    greedy.push(socket);
  }
  await expect.poll(() => greedy.filter((socket) => !socket.destroyed).length).toBe(250);
  const answered = once(quiet, 'data');
  quiet.write(query);
  expect((await answered)[0]).toBeInstanceOf(Buffer);
  for (const socket of [quiet, ...greedy]) socket.destroy();
});
