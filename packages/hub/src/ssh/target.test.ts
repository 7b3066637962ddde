import { expect, test } from 'vitest';
import { hostName, parseTarget, targetText } from './target.js';

test.each([
  ['root@web', 'root', 'web', 22],
  ['web', 'root', 'web', 22],
  ['Admin@Web.Example.org:2222', 'Admin', 'web.example.org', 2222],
  ['root@2001:db8::1', 'root', '2001:db8::1', 22],
  ['root@[2001:db8::1]', 'root', '2001:db8::1', 22],
  ['root@[2001:db8::1]:2222', 'root', '2001:db8::1', 2222],
  ['192.0.2.1:22', 'root', '192.0.2.1', 22],
])('%s', (text, user, host, port) => {
  expect(parseTarget(text)).toEqual({ user, host, port });
});

test.each([
  '',
  '@web',
  'root@',
  '-oProxyCommand=x',
  '-l@web',
  'a b',
  'web:0',
  'web:70000',
  'a@b@c',
  'web;ls',
  '[::1',
])('no host: %s', (text) => expect(() => parseTarget(text)).toThrow('names no host'));

test('a port other than 22 is written as known_hosts has it', () => {
  expect(hostName({ host: 'web', port: 22 })).toBe('web');
  expect(targetText({ user: 'root', host: '2001:db8::1', port: 2222 })).toBe(
    'root@[2001:db8::1]:2222',
  );
});
