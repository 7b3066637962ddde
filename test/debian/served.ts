import { expect } from 'vitest';
import { addresses, type Machines } from './machines.js';

export type Serving = 'web' | 'mail';

const listeners: Readonly<Record<Serving, readonly string[]>> = {
  web: [`-connect [${addresses.web}]:443 -servername www.example.org`],
  mail: [
    `-connect [${addresses.mail}]:25 -starttls smtp`,
    `-connect [${addresses.mail}]:143 -starttls imap`,
    `-connect [${addresses.mail}]:993`,
  ],
};

/** The serial numbers that a client on another machine is shown, one a listener; empty where there is none. */
export async function served({ trees }: Machines, name: Serving): Promise<readonly string[]> {
  return Promise.all(
    listeners[name].map(async (where) => {
      const { stdout } = await trees.hub.run(
        `timeout 5 openssl s_client ${where} </dev/null 2>/dev/null | openssl x509 -noout -serial -issuer -nameopt RFC2253`,
      );
      return /Pebble/.test(stdout) ? withoutZeros(/serial=(\w+)/.exec(stdout)?.[1] ?? '') : '';
    }),
  );
}

/** By the hub's own word. */
export async function newestSerial({ trees }: Machines): Promise<string> {
  const shown: unknown = JSON.parse(await trees.hub.must('hub show example.org --json'));
  expect(shown).toMatchObject({ version: { serial: expect.stringMatching(/^[0-9a-f]+$/i) } });
  return withoutZeros(/"serial":"(\w+)"/.exec(JSON.stringify(shown))?.[1] ?? '');
}

function withoutZeros(serial: string): string {
  return serial.toUpperCase().replace(/^0+/, '');
}

export async function allServe(
  all: Machines,
  serial: string,
  names: readonly Serving[],
): Promise<boolean> {
  const seen = await Promise.all(names.map((name) => served(all, name)));
  return seen.flat().every((one) => one === serial);
}

/** By the hub, and nothing else; returns what is to be served from then on. */
export async function renewed(all: Machines): Promise<string> {
  const former = await newestSerial(all);
  await all.trees.hub.must('hub renew example.org');
  const serial = await newestSerial(all);
  expect(serial).not.toBe(former);
  return serial;
}
