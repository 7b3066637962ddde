import type { ServiceKind } from '../domain/service.js';
import type { Reading } from '../domain/use.js';
import type { ReadConfiguration } from '../ports.js';
import { readApache } from './apache/read-apache.js';
import { readDovecot } from './dovecot/read-dovecot.js';
import { readExim } from './exim/read-exim.js';
import { readHaproxy } from './haproxy/read-haproxy.js';
import { readNginx } from './nginx/read-nginx.js';
import { readPostfix } from './postfix/read-postfix.js';
import type { ReaderParts } from './reader-parts.js';

type Reader = (parts: ReaderParts, configuration: string | undefined) => Promise<Reading>;

/** agent.toml says where a generic service listens; nothing is to be read. */
const nothing: Reader = () => Promise.resolve({ kind: 'read', uses: [], prepare: [] });

const readers: Readonly<Record<ServiceKind, Reader>> = {
  apache: readApache,
  nginx: readNginx,
  haproxy: readHaproxy,
  postfix: readPostfix,
  dovecot: readDovecot,
  exim: readExim,
  generic: nothing,
};

export function configurationReader(parts: ReaderParts): ReadConfiguration {
  return ({ kind, configuration }) => readers[kind](parts, configuration);
}
