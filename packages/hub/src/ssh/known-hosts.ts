import { createHmac, timingSafeEqual } from 'node:crypto';
import type { HostKey } from './host-key.js';
import { hostName, type SshTarget } from './target.js';

/**
 * The format of sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT". Stricter than ssh(1) in two points: a host at a port other than 22
 * is known by `[host]:port` alone, and a host of which another kind of key is known counts as changed, since whoever stands
 * in between could always show another kind. Certificates of hosts (`@cert-authority`) are not understood: such a line
 * vouches for nobody here.
 */
export interface KnownHost {
  readonly file: string;
  readonly line: number;
  readonly marker: 'none' | 'revoked' | 'cert-authority';
  /** Patterns with commas between them, or a hash. */
  readonly hosts: string;
  readonly key: HostKey;
}

export type Verdict =
  | { readonly kind: 'known' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'changed'; readonly at: KnownHost }
  | { readonly kind: 'revoked'; readonly at: KnownHost };

type Host = Pick<SshTarget, 'host' | 'port'>;

/** Lines that can't be read are passed over, as ssh(1) does. */
export function parseKnownHosts(file: string, text: string): readonly KnownHost[] {
  return text.split('\n').flatMap((raw, index) => {
    const words = raw.trim().split(/[ \t]+/);
    const marker = markerOf(words[0] ?? '');
    const [hosts = '', type = '', blob = ''] = marker === 'none' ? words : words.slice(1);
    if (marker === undefined || hosts.startsWith('#') || !/^[A-Za-z0-9+/]+=*$/.test(blob))
      return [];
    return [{ file, line: index + 1, marker, hosts, key: { type, blob } }];
  });
}

function markerOf(word: string): KnownHost['marker'] | undefined {
  if (!word.startsWith('@')) return 'none';
  if (word === '@revoked') return 'revoked';
  return word === '@cert-authority' ? 'cert-authority' : undefined;
}

export function judge(lines: readonly KnownHost[], host: Host, key: HostKey): Verdict {
  const own = linesOf(lines, host);
  const revoked = own.find((one) => one.marker === 'revoked' && isSame(one.key, key));
  if (revoked !== undefined) return { kind: 'revoked', at: revoked };
  const keys = own.filter(({ marker }) => marker === 'none');
  if (keys.some((one) => isSame(one.key, key))) return { kind: 'known' };
  const at = keys.find((one) => one.key.type === key.type) ?? keys[0];
  return at === undefined ? { kind: 'unknown' } : { kind: 'changed', at };
}

/** What kinds of key are known of it: to be asked for first, since a server with several shows one. */
export function knownTypes(lines: readonly KnownHost[], host: Host): readonly string[] {
  const keys = linesOf(lines, host).filter(({ marker }) => marker === 'none');
  return [...new Set(keys.map(({ key }) => key.type))];
}

/** A line to add, hashed, as Debian's ssh writes them (HashKnownHosts): who reads the file learns no names. */
export function knownHostLine(host: Host, key: HostKey, salt: Uint8Array): string {
  const hash = hashOf(hostName(host), salt).toString('base64');
  return `|1|${Buffer.from(salt).toString('base64')}|${hash} ${key.type} ${key.blob}`;
}

function linesOf(lines: readonly KnownHost[], host: Host): readonly KnownHost[] {
  const name = hostName(host);
  return lines.filter(({ hosts }) =>
    hosts.startsWith('|') ? isHashOf(hosts, name) : fits(hosts, name),
  );
}

function isSame(one: HostKey, other: HostKey): boolean {
  return Buffer.from(one.blob, 'base64').equals(Buffer.from(other.blob, 'base64'));
}

function hashOf(name: string, salt: Uint8Array): Buffer {
  return createHmac('sha1', salt).update(name).digest();
}

function isHashOf(hosts: string, name: string): boolean {
  const [, salt = '', hash = ''] = /^\|1\|([^|]+)\|([^|]+)$/.exec(hosts) ?? [];
  const [mine, theirs] = [hashOf(name, Buffer.from(salt, 'base64')), Buffer.from(hash, 'base64')];
  return salt !== '' && mine.length === theirs.length && timingSafeEqual(mine, theirs);
}

/** One pattern must fit, and no `!pattern`. */
function fits(hosts: string, name: string): boolean {
  const patterns = hosts.toLowerCase().split(',');
  const isDenied = patterns.some((one) => one.startsWith('!') && fitsPattern(one.slice(1), name));
  return !isDenied && patterns.some((one) => !one.startsWith('!') && fitsPattern(one, name));
}

/** `*` stands for any characters, `?` for one; by two pointers, so that no pattern takes long. */
function fitsPattern(pattern: string, name: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  let position = 0;
  while (position < name.length) {
    if (pattern[at] === '*') {
      star = at++;
      resume = position;
    } else if (pattern[at] === '?' || pattern[at] === name[position]) {
      at++;
      position++;
    } else if (star >= 0) {
      at = star + 1;
      position = ++resume;
    } else return false;
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}
