import { expect, it } from 'vitest';
import { servername } from './servername.js';

it.each([
  ['WWW.Example.org', 'www.example.org'],
  ['mail', 'mail'],
  ['_sip.example.org', '_sip.example.org'],
  ['*.example.org', undefined],
  ['.example.org', undefined],
  ['example.org.', undefined],
  ['192.0.2.1', undefined],
  ['2001:db8::1', undefined],
  ['~^www', undefined],
  ['$hostname', undefined],
  ['', undefined],
  ['_', undefined],
])('%s is asked for as %s', (text, name) => {
  expect(servername(text)).toBe(name);
});
