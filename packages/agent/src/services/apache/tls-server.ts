import { resolve } from 'node:path';
import type { ConfigDump, Directive } from './config-dump.js';

export interface CertificateFile {
  readonly path: string;
  readonly where: string;
}

/** What a server's directives, and what it inherits, say about TLS. */
export interface TlsServer {
  /** Undefined: nothing is said, so the protocol of its address decides. */
  readonly engine: boolean | undefined;
  /** Of `Protocol`, which says it in place of the address. */
  readonly protocol: string | undefined;
  readonly certificates: readonly CertificateFile[];
  /** mod_remoteip's: a client that does not begin with the PROXY protocol is cut off. */
  readonly proxied: boolean;
}

export function tlsServer(
  dump: ConfigDump,
  serverRoot: string,
  own: readonly Directive[],
  names: readonly string[],
): TlsServer {
  const said = (name: string): string | undefined =>
    (last(own, name) ?? last(dump.main, name))?.words[0]?.toLowerCase();
  const engine = said('sslengine');
  const [mine, base] = [own, own === dump.main ? [] : dump.main].map((directives) =>
    directives
      // A token's certificate (`pkcs11:…`) is no file.
      .filter(
        ({ name, words: [file] }) =>
          name === 'sslcertificatefile' && file?.startsWith('pkcs11:') === false,
      )
      .map(({ words, where }) => ({ path: resolve(serverRoot, words[0] ?? ''), where })),
  );
  const managed = managedNames(dump);
  return {
    // `optional` speaks HTTP until the client asks to upgrade (RFC 2817).
    engine: engine === undefined ? undefined : engine === 'on',
    protocol: said('protocol'),
    certificates: names.some((name) => managed.has(name.toLowerCase()))
      ? []
      : inherit(mine ?? [], base ?? []),
    proxied: said('remoteipproxyprotocol') === 'on',
  };
}

/** The server's own files stand in for as many of the main server's; what that has more stays (mod_ssl since 2.4.8). */
function inherit<T>(own: readonly T[], base: readonly T[]): readonly T[] {
  return [...own, ...base.slice(own.length)];
}

/** mod_md puts files of its own in the place of a managed server's, and tells nobody which. */
function managedNames(dump: ConfigDump): ReadonlySet<string> {
  return new Set(
    [dump.main, ...dump.servers.values()]
      .flat()
      .filter(({ name }) => ['mdomain', 'mdmember', '<mdomainset', '<mdomain'].includes(name))
      .flatMap(({ words }) => words.map((word) => word.toLowerCase())),
  );
}

export function last(directives: readonly Directive[], name: string): Directive | undefined {
  return directives.findLast((directive) => directive.name === name);
}
