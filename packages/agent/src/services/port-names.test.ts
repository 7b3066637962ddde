import { expect, it } from 'vitest';
import { portOf } from './port-names.js';

it('has a port by number, by /etc/services, and by what mail servers use', () => {
  const text =
    'smtp\t\t25/tcp\t\tmail\nsubmissions\t4465/tcp\tssmtp smtps urd # RFC 8314\nodd 99/udp\n';
  expect(
    ['25', 'mail', 'smtps', 'submission', 'odd', '0'].map((port) => portOf(port, text)),
  ).toEqual([25, 25, 4465, 587, undefined, undefined]);
});
