import { once } from 'node:events';
import net from 'node:net';
import { message } from '@sixhub/acme-dns/test-wire';
import { expect, test } from 'vitest';
import {
  acmeDnsZone,
  listensAt,
  makeAcmeDns,
  makeDnsperf,
  openLab,
  ports,
  residentMegabytes,
  runTool,
} from '../../lab/index.js';
import { framed } from '../../wire/exchange.js';

/** A question for the zone's SOA, as it goes over TCP. */
const query = framed(message({ flags: 0, name: acmeDnsZone, type: 6 }));

const networks = 12;
const ofEach = 200;

test('thousands of half-open, slow and pipelined TCP clients: UDP goes on, and TCP for others', async () => {
  await using lab = await openLab();
  const house = await makeAcmeDns(lab);
  const metrics = `${house.address}:${ports.api}`;
  await house.configure({ more: `[metrics]\nlisten = "${metrics}"` });
  const daemon = await house.serve(listensAt(house.address, ports.api));
  const dnsperf = await makeDnsperf(lab, [`${acmeDnsZone} SOA`]);

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
    const rate = ['-l', '3', '-Q', '2000', '-t', '2', '-q', '100'];
    const { sent, lost } = await dnsperf(house.address, rate);
    expect(sent).toBeGreaterThanOrEqual(5_000);
    expect(sent).toBeLessThan(7_000);
    expect(lost).toBe(0);
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
    expect(await residentMegabytes(daemon.pid)).toBeLessThan(390);
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
