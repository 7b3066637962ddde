import { resolve } from 'node:path';
import type { Configuration } from './configuration.js';
import type { Directive } from './directive.js';
import { listensOf, type Listen } from './listen.js';

export interface CertificateFile {
  readonly path: string;
  readonly where: string;
}

/** What a server does with a handshake that has come to it. */
export type Handshake =
  | { readonly kind: 'shows'; readonly certificates: readonly CertificateFile[] }
  /** No certificate of its own: the default server's context goes on. */
  | { readonly kind: 'leaves' }
  | { readonly kind: 'rejects' }
  /** Decided for each connection, by a variable or by Lua. */
  | { readonly kind: 'unpredictable' };

export interface Server {
  readonly listens: readonly Listen[];
  /** Lower case, as they are written. */
  readonly names: readonly string[];
  readonly handshake: Handshake;
  /** The older `ssl on`, gone since nginx 1.25.1: for whatever it listens at. */
  readonly ssl: boolean;
  /** Of a mail server. */
  readonly mail: Mail;
}

export interface Mail {
  /** `imap`; undefined: by the port. */
  readonly protocol: string | undefined;
  readonly starttls: boolean;
}

/** Servers share addresses within `http`, within `stream` and within `mail`, not across. */
export interface Room {
  readonly kind: 'http' | 'stream' | 'mail';
  readonly servers: readonly Server[];
}

export function roomsOf({ directory, directives }: Configuration): readonly Room[] {
  return (['http', 'stream', 'mail'] as const).map((kind) => ({
    kind,
    servers: directives
      .filter(({ name }) => name === kind)
      .flatMap(({ block }) =>
        block
          .filter(({ name }) => name === 'server')
          .map((server) => serverOf(server.block, block, directory)),
      ),
  }));
}

/** What a server says itself stands in for all that the block around it says of the same (`own` before `around`). */
function serverOf(
  own: readonly Directive[],
  around: readonly Directive[],
  directory: string,
): Server {
  const said = (name: string): readonly Directive[] => {
    const mine = own.filter((directive) => directive.name === name);
    return mine.length > 0 ? mine : around.filter((directive) => directive.name === name);
  };
  const word = (name: string): string | undefined => said(name).at(-1)?.words[0];
  const listens = own.filter(({ name }) => name === 'listen').map(({ words }) => words);
  return {
    listens: (listens.length > 0 ? listens : [['80']]).flatMap(listensOf),
    names: own
      .filter(({ name }) => name === 'server_name')
      .flatMap(({ words }) => words.map((name) => name.toLowerCase())),
    handshake: handshakeOf(said, directory),
    ssl: word('ssl') === 'on',
    mail: {
      protocol: word('protocol'),
      starttls: ['on', 'only'].includes(word('starttls') ?? ''),
    },
  };
}

function handshakeOf(said: (name: string) => readonly Directive[], directory: string): Handshake {
  if (said('ssl_reject_handshake').at(-1)?.words[0] === 'on') return { kind: 'rejects' };
  const byLua = ['block', 'file', ''].some(
    (kind) => said(`ssl_certificate_by_lua${kind === '' ? '' : `_${kind}`}`).length > 0,
  );
  const files = said('ssl_certificate').map(({ words: [path = ''], where }) => ({ path, where }));
  // `data:` and `engine:` are no files; a path with a variable is another one for each client.
  if (byLua || files.some(({ path }) => path.includes('$') || /^(?:data|engine|store):/.test(path)))
    return { kind: 'unpredictable' };
  if (files.length === 0) return { kind: 'leaves' };
  return {
    kind: 'shows',
    certificates: files.map(({ path, where }) => ({ path: resolve(directory, path), where })),
  };
}
