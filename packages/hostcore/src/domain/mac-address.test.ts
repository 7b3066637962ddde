import { expect, test } from 'vitest';
import { formatAddress } from './ip-address.js';
import { contains, network } from './ip-network.js';
import { linkLocalAddress, parseMac, slaacAddress, type MacAddress } from './mac-address.js';
import { stableAddress } from './stable-address.js';

function mac(text: string): MacAddress {
  const parsed = parseMac(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
}

test('SLAAC derives the address that the kernel has shown for these cards', () => {
  expect(formatAddress(linkLocalAddress(mac('00:24:21:21:AC:99')))).toBe(
    'fe80::224:21ff:fe21:ac99',
  );
  const vm = slaacAddress(network('2a01:4f8:1:2::/64'), mac('52-54-00-12-34-56'));
  expect(formatAddress(vm)).toBe('2a01:4f8:1:2:5054:ff:fe12:3456');
});

test.each(['', '00:24:21:21:ac', '00:24:21:21:ac:9g', '0:24:21:21:ac:99'])(
  '%s is no MAC',
  (text) => {
    expect(parseMac(text)).toBeUndefined();
  },
);

test('a stable host part passes over what is reserved or looks like a card', () => {
  const own = network('2a01:4f8:1:3::/64');
  const answers = [
    [0, 0, 0, 0, 0, 0, 0, 2],
    [0x50, 0x54, 0, 0xff, 0xfe, 0, 0, 1],
    [0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    [0x67, 0x45, 0xa2, 0x4b, 0xcc, 0x39, 0x09, 0xd1],
  ];
  const address = stableAddress(own, 'host', 'seed', () => Uint8Array.from(answers.shift() ?? []));
  expect(formatAddress(address)).toBe('2a01:4f8:1:3:6745:a24b:cc39:9d1');
  expect(contains(own, address)).toBe(true);
});
