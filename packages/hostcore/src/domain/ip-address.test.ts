import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatAddress, parseAddress } from './ip-address.js';
import { contains, formatNetwork, network, overlaps, parseNetwork } from './ip-network.js';

describe('an address', () => {
  test.each([
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['::', '::'],
    ['fe80::1', 'fe80::1'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['192.0.2.255', '192.0.2.255'],
  ])('%s is written %s (RFC 5952)', (text, written) => {
    expect(formatAddress(parseAddress(text) ?? { family: 4, bits: 0n })).toBe(written);
  });

  test.each([
    ...['', ':', ':::', '1::2::3', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '1:2:3:4:5:6:7::8:9'],
    ...['fe80:ff:fee1:b', 'g::1', '12345::', '192.0.2', '192.0.2.256', '192.0.2.010', '::1%eth0'],
  ])('%s is none', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  test('Node reads what is written, and it is read back as it was', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, (1n << 128n) - 1n), (bits) => {
        const text = formatAddress({ family: 6, bits });
        expect(isIP(text)).toBe(6);
        expect(parseAddress(text)).toEqual({ family: 6, bits });
      }),
    );
  });

  test('whatever is read as an address, Node reads, too', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9a-f:.]{0,24}$/), (text) => {
        expect(parseAddress(text) !== undefined).toBe(isIP(text) !== 0);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a network', () => {
  test('with host bits says which network was meant', () => {
    const parsed = parseNetwork('2a01:4f8:1:3::2/64');
    expect(parsed.kind).toBe('host-bits');
    if (parsed.kind === 'host-bits')
      expect(formatNetwork(parsed.network)).toBe('2a01:4f8:1:3::/64');
  });

  test.each(['2a01::/129', '10.0.0.0/33', '10.0.0.0', '10.0.0.0/', '10.0.0.0/8/8', 'x/8'])(
    '%s is none',
    (text) => {
      expect(parseNetwork(text).kind).toBe('malformed');
    },
  );

  test('knows what is in it', () => {
    expect(contains(network('2001:db8::/32'), network('2001:db8:1::/48'))).toBe(true);
    expect(contains(network('2001:db8:1::/48'), network('2001:db8::/32'))).toBe(false);
    expect(overlaps(network('2001:db8:1::/48'), network('2001:db8::/32'))).toBe(true);
    expect(contains(network('0.0.0.0/0'), network('::/0'))).toBe(false);
  });
});
