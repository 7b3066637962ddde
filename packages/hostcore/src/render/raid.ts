import type { Host } from '../domain/host.js';
import { text, type Part } from './part.js';

/** mdadm.conf(5): keywords in any case, shortened to three letters at least; an indented line continues the one before. */
const keyword = 'mai(?:l(?:a(?:d(?:dr?)?)?)?)?(?=[ \\t])';

/**
 * Who is told of a degraded RAID. mdadm reads /etc/mdadm/mdadm.conf before mdadm.conf.d, takes the first MAILADDR, and
 * ignores the others in silence (seen with 4.2): beside Debian's own `MAILADDR root` a file of ours would do nothing.
 */
export function raidFiles({ extras }: Host): readonly Part[] {
  const { raidMail } = extras;
  if (raidMail === undefined) return [];
  const literally = raidMail.replaceAll(/[.$^*+?()[\]{}|\\]/g, '\\$&');
  return [
    {
      path: '/etc/mdadm/mdadm.conf',
      purpose: 'Who is told when a disk of the RAID fails: mdadm takes the first MAILADDR alone.',
      kind: 'block',
      already: new RegExp(
        `^(?:(?!${keyword})[^\\n]*\\n)*${keyword}[ \\t]+${literally}(?=\\s|$)`,
        'i',
      ),
      instead: new RegExp(`^(?=${keyword})`, 'gim'),
      body: text([`MAILADDR ${raidMail}`]),
      taker: { kind: 'service', unit: 'mdmonitor.service', how: 'restart' },
    },
  ];
}
