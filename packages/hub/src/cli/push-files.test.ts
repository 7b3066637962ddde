import { expect, test } from 'vitest';
import { listText } from '../push/receiver-files.js';
import { parseListedFile } from './push-files.js';

test.each([
  ['fullchain=/etc/ssl/nas.pem', 'file fullchain /etc/ssl/nas.pem 644'],
  ['privkey=/etc/ssl/nas.key', 'file privkey /etc/ssl/nas.key 600'],
  ['joined=/etc/nas.pem:640', 'file joined /etc/nas.pem 640'],
  [
    'privkey=/etc/ssl/nas.key:0640:root:ssl-cert',
    'file privkey /etc/ssl/nas.key 640 root:ssl-cert',
  ],
])('%s', (text, line) => {
  const files = [parseListedFile(text)];
  expect(listText([{ certificate: 'a', files, check: undefined, reload: undefined }])).toContain(
    `certificate a\n${line}\n`,
  );
});

test.each(['pkcs12=/x', 'privkey=x', 'privkey=/x/', 'privkey=/x y', 'privkey=/x:rw', '/x', ''])(
  'no file: %s',
  (text) => expect(() => parseListedFile(text)).toThrow('is no file for a certificate'),
);
