import { expect, test } from 'vitest';
import type { Found } from './resolver.js';
import { Route } from './route.js';

/** To whom no system has a route, whatever its network. */
const nowhere = '255.255.255.255';

function routeWith(found: Found) {
  const resolver = {
    place: '192.0.2.53:53',
    asked: 0,
    find: async () => {
      resolver.asked++;
      return found;
    },
  };
  const clock = { time: 0, now: () => new Date(clock.time) };
  return { resolver, clock, route: new Route({ resolver, clock }) };
}

test('what the system reaches is direct, and no resolver is asked for it', async () => {
  const { resolver, route } = routeWith({ kind: 'found', data: [] });
  expect(await route.to('127.0.0.1')).toEqual({ kind: 'direct', by: '127.0.0.1' });
  expect(resolver.asked).toBe(0);
});

test.each<[Found, string]>([
  [{ kind: 'found', data: [] }, 'and the resolver 192.0.2.53:53 knows no NAT64 prefix (RFC 7050)'],
  [
    { kind: 'failed', reason: 'ipv4only.arpa AAAA: the resolver says nothing' },
    'and its NAT64 is not known: ipv4only.arpa AAAA: the resolver says nothing',
  ],
  // The system has no route to this one's addresses either: they are the IPv4 ones.
  [{ kind: 'found', data: ['::ffff:192.0.0.170'] }, 'nor to the NAT64 prefix ::ffff:0:0/96'],
])('IPv4 without a way: %o', async (found, why) => {
  const { route } = routeWith(found);
  expect(await route.to(nowhere)).toEqual({
    kind: 'none',
    reason: `this machine has no route to IPv4 addresses like ${nowhere}, ${why}`,
  });
});

test('of addresses those are left out that DNS64 made; IPv4 alone needs no prefix', async () => {
  const { resolver, route } = routeWith({ kind: 'found', data: ['64:ff9b::192.0.0.170'] });
  expect(await route.genuine(['192.0.2.1'])).toEqual(['192.0.2.1']);
  expect(resolver.asked).toBe(0);
  const mixed = ['192.0.2.1', '64:ff9b::c000:201', '2001:db8::c000:201'];
  expect(await route.genuine(mixed)).toEqual(['192.0.2.1', '2001:db8::c000:201']);
  const lost = routeWith({ kind: 'failed', reason: 'the resolver says nothing' });
  expect(await lost.route.genuine(mixed)).toEqual(mixed);
});

test('the prefix is looked up once, and again after a minute or where the clock went back', async () => {
  const { resolver, clock, route } = routeWith({ kind: 'found', data: [] });
  await Promise.all([route.to(nowhere), route.to(nowhere)]);
  clock.time = 59_999;
  await route.to(nowhere);
  expect(resolver.asked).toBe(1);
  clock.time = 60_000;
  await route.to(nowhere);
  expect(resolver.asked).toBe(2);
  clock.time = 0;
  await route.to(nowhere);
  expect(resolver.asked).toBe(3);
});
