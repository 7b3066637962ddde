import type { Lint } from '../lint.js';
import { openResolvers } from '../own-resolver.js';
import { rivalOf } from '../plan/unbound-beside.js';

/** The name server that runs now, whatever host.toml says of the one to come. */
export const nameServerLints: readonly Lint[] = [
  {
    id: 'open-resolver-now',
    severity: 'error',
    reason: 'A resolver that answers everybody is found within hours and used to flood others.',
    clause: 'RFC 5358',
    *find({ dns64 }, { files, packages }) {
      for (const { path, line, text, program } of openResolvers(files)) {
        const name = program === 'BIND' ? 'bind9' : 'unbound';
        if (packages?.has(name) === false) continue;
        const now =
          program === 'BIND'
            ? 'allow-recursion { localhost; localnets; }; in its options'
            : 'an access-control for your own networks alone';
        const takesOver = dns64?.engine === (program === 'BIND' ? 'bind' : 'unbound');
        const then = 'what hostcore renders answers the inside network and dns64.clients alone';
        yield {
          fact: `${path}:${line}: ${text}: ${program} looks up names for everybody who asks, now`,
          remedy: takesOver ? `At once: ${now}. Later, ${then}.` : `At once: ${now}.`,
        };
      }
    },
  },
  {
    id: 'unbound-says-twice',
    severity: 'error',
    reason:
      'All files of Unbound are one: an address that is named twice is refused, of two forward zones one is ignored.',
    clause: 'unbound.conf(5), unbound-checkconf(8)',
    *find({ dns64 }, { files }) {
      // The files beside ours are set aside by the plan; this one reads them all.
      const path = '/etc/unbound/unbound.conf';
      const rival = dns64?.engine === 'unbound' ? rivalOf(files.get(path) ?? '') : undefined;
      if (rival === undefined) return;
      const { line, key, value } = rival;
      yield {
        fact: `${path}:${line}: ${key}: ${value}: the rendered sixhub.conf says ${key} as well`,
        remedy:
          'Take it out there, when the plan is applied; what comes instead is in sixhub.conf.',
      };
    },
  },
];
