import { workerData } from 'node:worker_threads';
import { Answers } from '../domain/answers.js';
import { ServerCookies } from '../domain/cookies.js';
import { Network } from '../domain/network.js';
import { RateLimiter } from '../domain/rate-limit.js';
import { Responder } from '../domain/responder.js';
import { serveCalls } from '../thread.js';
import { newCounters } from './counters.js';
import type { DnsCalls, DnsSettings, DnsStart } from './dns-calls.js';
import { Listeners } from './listeners.js';
import { zoneOf } from './zone-error.js';

/** The thread that answers. It has no database, no password and no file; its messages are small and few. */

const { settings, serial, cookieSecret }: DnsStart = workerData;
const answers = new Answers(zoneOf(settings.zone), serial);
const cookies = new ServerCookies(cookieSecret, () => Date.now() / 1_000);
const service = {
  responder: new Responder(answers, cookies),
  limiter: limiterOf(settings),
  counters: newCounters(),
};
const opened: Listeners[] = [];

serveCalls<DnsCalls>({
  listen: async ({ listen, protocols }) => {
    const listeners = await Listeners.open(listen, protocols, service);
    opened.push(listeners);
    return listeners.addresses;
  },
  apply: ({ changes, serial: next }) => {
    for (const { subdomain, values } of changes) {
      if (values === 'gone') answers.removeAccount(subdomain);
      else answers.setAccount(subdomain, values);
    }
    if (next !== answers.serial) answers.setSerial(next);
  },
  reload: ({ settings: next, serial: nextSerial }) => {
    answers.replaceZone(zoneOf(next.zone), nextSerial);
    service.limiter = limiterOf(next);
  },
  counters: () => service.counters,
  close: async () => {
    await Promise.all(opened.map((listeners) => listeners[Symbol.asyncDispose]()));
  },
});

function limiterOf({ rateLimit }: DnsSettings): RateLimiter {
  const exempt = rateLimit.exempt.flatMap((text) => Network.parseLoose(text) ?? []);
  return new RateLimiter({ ...rateLimit, exempt });
}
