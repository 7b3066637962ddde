import { expect, test } from 'vitest';
import { registeredDomain, registeredDomains } from './registered-domain.js';

test.each([
  ['example.org', 'example.org'],
  ['*.a.b.example.org', 'example.org'],
  ['example.co.uk', 'example.co.uk'],
  ['www.example.co.uk', 'example.co.uk'],
  // A country that registers below no second level, though `net` looks like one.
  ['www.net.de', 'net.de'],
  ['mail.xn--bcher-kva.de', 'xn--bcher-kva.de'],
  // The list's private section: each is an owner of his own.
  ['a.github.io', 'a.github.io'],
  ['www.a.github.io', 'a.github.io'],
  // A suffix itself stands for itself.
  ['github.io', 'github.io'],
  // No ending of the list.
  ['example.test', 'example.test'],
  ['*.www.example.test', 'example.test'],
  // `*.ck` with the exception `!www.ck`.
  ['a.b.ck', 'a.b.ck'],
  ['a.www.ck', 'www.ck'],
])('%s belongs to %s', (name, domain) => {
  expect(registeredDomain(name)).toBe(domain);
});

test('names of one owner count once', () => {
  expect(registeredDomains(['*.example.org', 'a.b.example.org', 'www.example.co.uk'])).toEqual([
    'example.org',
    'example.co.uk',
  ]);
});
