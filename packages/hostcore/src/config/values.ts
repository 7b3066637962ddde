import * as z from 'zod';
import { parseAddress, withoutColons, type IpAddress } from '../domain/ip-address.js';
import {
  formatNetwork,
  maskLength,
  parseInterfaced,
  parseNetwork,
  type Interfaced,
  type IpNetwork,
} from '../domain/ip-network.js';
import { entry } from './entry.js';
import { isMulticast, parseMac, type MacAddress } from '../domain/mac-address.js';

/** The words of host.toml as values of the domain; what is no such value is refused with how to write it. */

interface Value<T> {
  readonly value: T;
}

/** Why a text is no such value, and which one was meant where that is plain. */
interface Wrong {
  readonly why: string;
  readonly meant?: string | undefined;
}

function value<T>(parse: (text: string) => Value<T> | Wrong): z.ZodType<T, string> {
  return z.string().transform((text, context) => {
    const parsed = parse(text);
    if ('value' in parsed) return parsed.value;
    const { why, meant } = parsed;
    context.addIssue({ code: 'custom', message: `'${text}' ${why}`, params: { meant } });
    return z.NEVER;
  });
}

/** What a refused text was meant to be, where that is plain. */
export function meantBy(issue: object): string | undefined {
  const meant = entry(issue, ['params', 'meant']);
  return typeof meant === 'string' ? meant : undefined;
}

export function address(family?: 4 | 6): z.ZodType<IpAddress, string> {
  return value((text) => {
    const parsed = parseAddress(text);
    if (parsed !== undefined && (family === undefined || parsed.family === family)) {
      return { value: parsed };
    }
    return wrongAddress(text, family);
  });
}

function wrongAddress(text: string, family: 4 | 6 | undefined): Wrong {
  const kind = family === undefined ? 'IP address' : `IPv${family} address`;
  const [bare = ''] = text.split('/');
  const other = parseAddress(bare);
  if (other !== undefined && family !== undefined && other.family !== family) {
    return { why: `is IPv${other.family}, and an IPv${family} address belongs here` };
  }
  if (other !== undefined && bare !== text) {
    return { why: 'has a length, and an address alone belongs here', meant: bare };
  }
  const meant = withoutColons(text);
  if (meant !== undefined) return { why: "lacks its '::'", meant };
  return { why: `is no ${kind}` };
}

/** An IPv6 address, or the word by which one is derived. */
export const addressOrRandom: z.ZodType<IpAddress | 'random', string> = value<IpAddress | 'random'>(
  (text) => {
    const parsed = parseAddress(text);
    if (text === 'random') return { value: text };
    if (parsed?.family === 6) return { value: parsed };
    const { why, meant } = wrongAddress(text, 6);
    return { why: why.startsWith('is no') ? `${why}, nor "random"` : why, meant };
  },
);

export function ipNetwork(family?: 4 | 6): z.ZodType<IpNetwork, string> {
  return value((text) => {
    const parsed = parseNetwork(text);
    const kind = family === undefined ? 'network' : `IPv${family} network`;
    if (parsed.kind === 'malformed') return withoutLength(text, kind, family);
    if (family !== undefined && parsed.network.family !== family) {
      return { why: `is IPv${parsed.network.family}, and an ${kind} belongs here` };
    }
    if (parsed.kind === 'network') return { value: parsed.network };
    return { why: 'is an address in a network', meant: formatNetwork(parsed.network) };
  });
}

function withoutLength(text: string, kind: string, family: 4 | 6 | undefined): Wrong {
  const alone = parseAddress(text);
  const [before = '', after] = text.split('/');
  const masked = withMask(before, after);
  if (masked !== undefined) {
    const parsed = parseNetwork(masked);
    const meant = parsed.kind === 'malformed' ? undefined : formatNetwork(parsed.network);
    return { why: 'has a netmask, and a length belongs here', meant };
  }
  if (after !== undefined && parseAddress(before) !== undefined) {
    return { why: `has an impossible length: /0 to /${before.includes(':') ? 128 : 32}` };
  }
  if (alone === undefined || (family !== undefined && alone.family !== family)) {
    return { why: `is no ${kind}` };
  }
  const usual = alone.family === 4 ? 32 : (alone.bits & ((1n << 64n) - 1n)) === 0n ? 64 : 128;
  return { why: 'has no length, as in /64', meant: `${text}/${usual}` };
}

/** `192.0.2.0/255.255.255.0`, as ifupdown has it. */
function withMask(before: string, after: string | undefined): string | undefined {
  if (after?.includes('.') !== true || parseAddress(before)?.family !== 4) return undefined;
  const length = maskLength(after);
  return length === undefined ? undefined : `${before}/${length}`;
}

/** `192.0.2.10` is taken as /32: what a routed address is. */
export function interfaced(family?: 4 | 6): z.ZodType<Interfaced, string> {
  return value((text) => {
    const whole = text.includes('/') ? text : `${text}/${text.includes(':') ? 128 : 32}`;
    const parsed = parseInterfaced(whole);
    if (parsed !== undefined && [undefined, parsed.address.family].includes(family)) {
      return { value: parsed };
    }
    const [before = '', after] = text.split('/');
    const meant = withMask(before, after);
    if (meant !== undefined) return { why: 'has a netmask, and a length belongs here', meant };
    if (parsed === undefined && parseAddress(text.split('/')[0] ?? '') !== undefined) {
      return { why: 'has an impossible length' };
    }
    return wrongAddress(text.split('/')[0] ?? '', family);
  });
}

export const mac: z.ZodType<MacAddress, string> = value<MacAddress>((text) => {
  const parsed = parseMac(text);
  if (parsed === undefined) {
    const digits = text.replaceAll(/[^0-9a-f]/gi, '');
    const looks = /^[0-9a-f.: -]+$/i.test(text) && digits.length !== 12;
    const count = looks ? `: it has ${digits.length} hexadecimal digits, and not 12` : '';
    const meant = looks ? undefined : parseMac(digits.replaceAll(/(..)(?=.)/g, '$1:'));
    return { why: `is no MAC address (\`ip link\` shows it)${count}`, meant };
  }
  if (/^[0:]+$/.test(parsed)) return { why: 'is no MAC address of a card: all zeros' };
  if (isMulticast(parsed)) return { why: "is a group's MAC address, no card has it" };
  return { value: parsed };
});

/** IFNAMSIZ is 16 with its final NUL; the characters are what every daemon's configuration takes without quotes. */
export const device = z
  .string()
  .regex(
    /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,14}$/,
    'is no device name: up to 15 of letters, digits, _.-',
  );

export const domainName = z
  .string()
  .regex(
    /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/,
    'is no domain name: lower-case letters, digits and -, with dots',
  );

export const hostLabel = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
    'is no host name: one label of lower-case letters, digits and -',
  );
