import type { Lint } from '../lint.js';
import { openResolvers } from '../own-resolver.js';

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
];
