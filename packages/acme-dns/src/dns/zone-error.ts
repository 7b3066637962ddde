import { exitCodes, SixhubError } from '@sixhub/base';
import { Zone, type ZoneDescription, type ZoneFault } from '../domain/zone.js';

/** The zone of a description, or an error that names every setting and line that is wrong. */
export function zoneOf(description: ZoneDescription): Zone {
  const zone = Zone.parse(description);
  if (zone instanceof Zone) return zone;
  const [first, ...more] = zone.map(sentence);
  throw new SixhubError({
    code: zone[0]?.setting === 'records' ? 'bad-record' : 'bad-zone',
    fact: first ?? 'the zone is empty',
    hint: [
      ...more.map((other) => `also ${other}`),
      'Records are lines of a zone file, like: auth.example.org. 3600 IN A 192.0.2.1',
    ].join('\n'),
    exit: exitCodes.usage,
  });
}

function sentence({ setting, line, text, reason }: ZoneFault): string {
  return `${setting}${line === undefined ? '' : ` line ${line}`}: '${text}' ${reason}`;
}
