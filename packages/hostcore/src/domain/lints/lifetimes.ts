import type { Facts } from '../facts.js';
import type { Lint } from '../lint.js';

/** For how long machines believe what they are told: too short is as wrong as for ever, for another reason. */
export const lifetimeLints: readonly Lint[] = [
  {
    id: 'short-lifetime',
    severity: 'warning',
    reason:
      'What is advertised for less than three intervals lapses when a few advertisements are lost.',
    clause: 'RFC 8106 §5.1, RFC 4861 §6.2.1',
    *find({ ra }, facts) {
      if (ra !== undefined && ra.lifetime < 3 * ra.interval) {
        yield {
          path: ['ra', 'lifetime'],
          fact: `lifetime ${ra.lifetime} is less than three intervals of ${ra.interval} s`,
          remedy: `Leave it out, or write ${3 * ra.interval} or more.`,
        };
      }
      for (const { line, text } of radvdLines(
        facts,
        /\bRDNSS\b[^{]*\{(?![^}]*AdvRDNSSLifetime)/g,
      )) {
        yield {
          fact: `${path}:${line}: ${text.split('{')[0]?.trim()} leaves its lifetime to radvd, which takes one interval`,
          remedy: `The rendered file writes three; by hand: AdvRDNSSLifetime ${3 * (ra?.interval ?? 600)}; between the braces.`,
        };
      }
    },
  },
  {
    id: 'endless-lifetime',
    severity: 'warning',
    reason:
      'What is advertised for ever can be taken back by nothing but a restart of each machine that heard it: a route or a name server that has moved goes on being used.',
    clause: 'RFC 4191 §2.3, RFC 4861 §4.6.2, RFC 8106 §5.1: all ones is infinity',
    *find({ ra }, facts) {
      // AdvDefaultLifetime takes no infinity: the router itself is believed for 9000 s at most (RFC 4861 §6.2.1).
      for (const { line, text } of radvdLines(facts, /\bAdv(?!Default)\w+Lifetime\s+infinity/g)) {
        const [key = ''] = text.split(/\s/);
        yield {
          fact: `${path}:${line}: ${key} infinity: ${told[key] ?? 'it'} is believed for ever`,
          remedy: `The rendered file has one that lapses; by hand: ${key} ${usual[key] ?? 3 * (ra?.interval ?? 600)};`,
        };
      }
    },
  },
];

const path = '/etc/radvd.conf';

const told: Readonly<Record<string, string>> = {
  AdvRouteLifetime: 'the route',
  AdvRDNSSLifetime: 'the name server',
  AdvDNSSLLifetime: 'the search domain',
  AdvValidLifetime: 'the prefix, and each address made of it,',
  AdvPreferredLifetime: 'the prefix as the one to take for new connections',
};

/** As they are rendered. */
const usual: Readonly<Record<string, number>> = {
  AdvValidLifetime: 86_400,
  AdvPreferredLifetime: 14_400,
};

/** Of the radvd.conf that the host has now; a comment is blanked, so that lines keep their numbers. */
function* radvdLines(facts: Facts, pattern: RegExp): Generator<{ line: number; text: string }> {
  const config = facts.files.get(path)?.replaceAll(/#.*$/gm, '') ?? '';
  for (const found of config.matchAll(pattern)) {
    const line = config.slice(0, found.index).split('\n').length;
    yield { line, text: found[0] };
  }
}
