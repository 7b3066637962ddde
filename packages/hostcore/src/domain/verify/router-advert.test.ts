import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatAddress } from '../ip-address.js';
import { formatNetwork } from '../ip-network.js';
import { parseRouterAdvert } from './router-advert.js';

/** Ethernet, IPv6, and the fixed part: lifetime 1800, flags O, preference high. */
function frame(options: string, { hops = 'ff', type = '86' } = {}): Buffer {
  const whole = `${type}000000 40480708 ${'00'.repeat(8)}${options}`.replaceAll(' ', '');
  const length = (whole.length / 2).toString(16).padStart(4, '0');
  const from = `fe80${'00'.repeat(13)}01`;
  const to = `ff02${'00'.repeat(13)}01`;
  return Buffer.from(
    `333300000001 0200000000fe 86dd 60000000 ${length} 3a ${hops} ${from} ${to}`.replaceAll(
      ' ',
      '',
    ) + whole,
    'hex',
  );
}

const prefix = '0304 40c0 00015180 00003840 00000000 20010db8000100030000000000000000';
const route = '1802 6000 00000708 0064ff9b 00000000';
const resolver = '1903 0000 00000708 20010db8000100030000000000000053';
const search = '1f03 0000 00000708 07 6578616d706c65 04 74657374 00 0000';
const pref64 = '2602 0708 0064ff9b 00000000 00000000';

describe('a router advertisement', () => {
  test('is read with every option that a host is described by', () => {
    const read = parseRouterAdvert(frame([prefix, route, resolver, search, pref64].join('')));
    expect(read).toMatchObject({
      mac: '02:00:00:00:00:fe',
      managed: false,
      other: true,
      preference: 'high',
    });
    expect(read?.prefixes).toMatchObject([
      { onLink: true, autonomous: true, valid: 86_400, preferred: 14_400 },
    ]);
    expect(read?.prefixes.map((one) => formatNetwork(one.prefix))).toEqual(['2001:db8:1:3::/64']);
    expect(read?.routes.map(({ to }) => formatNetwork(to))).toEqual(['64:ff9b::/96']);
    expect(read?.resolvers.map(({ address }) => formatAddress(address))).toEqual([
      '2001:db8:1:3::53',
    ]);
    expect(read?.search).toEqual([{ domain: 'example.test', lifetime: 1800 }]);
    expect(read?.pref64.map((one) => [formatNetwork(one.prefix), one.lifetime])).toEqual([
      ['64:ff9b::/96', 1800],
    ]);
  });

  test('that came over a router, or is something else, is none (RFC 4861 §6.1.2)', () => {
    expect(parseRouterAdvert(frame(prefix, { hops: '40' }))).toBeUndefined();
    expect(parseRouterAdvert(frame(prefix, { type: '87' }))).toBeUndefined();
  });

  test('of which any octets are wrong or missing never throws', () => {
    const whole = frame([prefix, route, resolver, search, pref64].join(''));
    fc.assert(
      fc.property(
        fc.nat(whole.length),
        fc.nat(whole.length - 1),
        fc.nat(255),
        (length, at, octet) => {
          const cut = Buffer.from(whole.subarray(0, length));
          if (at < cut.length) cut[at] = octet;
          parseRouterAdvert(cut);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
