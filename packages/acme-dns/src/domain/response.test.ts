import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ipv6Text, parseResponse } from './response.js';
import { ask, edns, message, responder } from './test-wire.js';

test('reads what the server itself writes', () => {
  const query = message({ name: 'x.cut.auth.example.org', type: 1, additional: [edns()] });
  const told = ask(responder(), query);
  expect(told && parseResponse(told.bytes)).toMatchObject({
    rcode: 0,
    authoritative: false,
    edns: true,
    authority: [{ owner: 'cut.auth.example.org', type: 2, data: 'ns.cut.auth.example.org' }],
    additional: [{ owner: 'ns.cut.auth.example.org', type: 1, data: '192.0.2.3' }, { type: 41 }],
  });
});

test('addresses as RFC 5952 writes them', () => {
  expect(ipv6Text(Uint8Array.of(0x20, 1, 0xd, 0xb8, ...new Uint8Array(11), 1))).toBe('2001:db8::1');
  expect(ipv6Text(new Uint8Array(16))).toBe('::');
});

test('any octets at all neither break nor hang it', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void parseResponse(bytes)));
});
