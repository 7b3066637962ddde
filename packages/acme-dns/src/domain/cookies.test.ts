import { describe, expect, test } from 'vitest';
import { ServerCookies } from './cookies.js';
import { sipHash24 } from './siphash.js';
import { ask, edns, message, responder } from './test-wire.js';

test('SipHash-2-4, the vector of its paper (appendix A)', () => {
  const key = Uint8Array.from({ length: 16 }, (_, at) => at);
  const input = Uint8Array.from({ length: 15 }, (_, at) => at);
  expect(Buffer.from(sipHash24(key, input)).toString('hex')).toBe('e545be4961ca29a1');
});

describe('server cookies, the vectors of RFC 9018 appendix A', () => {
  const secret = Buffer.from('e5e973e5a6b2a43f48e7dc849e37bfcf', 'hex');
  const optionOf = (cookie: string): readonly number[] => {
    const bytes = Buffer.from(cookie, 'hex');
    return [0, 10, 0, bytes.length, ...bytes];
  };
  const cookieOf = (cookie: string, time: number, address: string): [string, boolean, number] => {
    const to = responder(new ServerCookies(secret, () => time));
    const query = message({ additional: [edns({ data: optionOf(cookie) })] });
    const told = ask(to, query, 'udp', address);
    return [told?.bytes.subarray(-24).toString('hex') ?? '', to.provenAddress, told?.rcode ?? -1];
  };

  test('learning a new one (A.1)', () => {
    expect(cookieOf('2464c4abcf10c957', 1_559_731_985, '198.51.100.100')).toEqual([
      '2464c4abcf10c957010000005cf79f111f8130c3eee29480',
      false,
      0,
    ]);
  });

  test('coming again with it, and renewed (A.2)', () => {
    const held = '2464c4abcf10c957010000005cf79f111f8130c3eee29480';
    expect(cookieOf(held, 1_559_734_385, '198.51.100.100')).toEqual([
      '2464c4abcf10c957010000005cf7a871d4a564a1442aca77',
      true,
      0,
    ]);
    expect(cookieOf(held, 1_559_734_385, '198.51.100.101')[1]).toBe(false);
    expect(cookieOf(held, 1_559_731_985 + 3_601, '198.51.100.100')[1]).toBe(false);
  });

  test('of a wrong length is malformed (RFC 7873 §5.2.2)', () => {
    expect(cookieOf('01020304050607', 0, '192.0.2.1')[2]).toBe(1);
    expect(cookieOf('010203040506070809', 0, '192.0.2.1')[2]).toBe(1);
  });
});
