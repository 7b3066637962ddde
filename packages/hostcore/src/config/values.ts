import * as z from 'zod';
import { parseAddress, withoutColons, type IpAddress } from '../domain/ip-address.js';
import {
  formatNetwork,
  parseInterfaced,
  parseNetwork,
  type Interfaced,
  type IpNetwork,
} from '../domain/ip-network.js';
import { isMulticast, parseMac, type MacAddress } from '../domain/mac-address.js';

/** The words of host.toml as values of the domain; what is no such value is refused with how to write it. */

interface Value<T> {
  readonly value: T;
}

function value<T>(parse: (text: string) => Value<T> | string): z.ZodType<T, string> {
  return z.string().transform((text, context) => {
    const parsed = parse(text);
    if (typeof parsed !== 'string') return parsed.value;
    context.addIssue({ code: 'custom', message: parsed });
    return z.NEVER;
  });
}

const examples = { 4: '"45.67.90.10"', 6: '"2a01:4f8:1:3::2"' } as const;
const networkExamples = { 4: '"45.67.91.0/29"', 6: '"2a01:4f8:1:3::/64"' } as const;

export function address(family?: 4 | 6): z.ZodType<IpAddress, string> {
  return value((text) => {
    const parsed = parseAddress(text);
    if (parsed !== undefined && (family === undefined || parsed.family === family)) {
      return { value: parsed };
    }
    const meant = withoutColons(text);
    if (meant !== undefined) return `'${text}' lacks its '::'; did you mean "${meant}"?`;
    const kind = family === undefined ? 'IP address' : `IPv${family} address`;
    const stripped = text.includes('/') ? ' (without a /length)' : '';
    return `'${text}' is no ${kind}${stripped}; write it like ${examples[family ?? 6]}`;
  });
}

/** An IPv6 address, or the word by which one is derived. */
export const addressOrRandom: z.ZodType<IpAddress | 'random', string> = value<IpAddress | 'random'>(
  (text) => {
    const parsed = parseAddress(text);
    if (text === 'random') return { value: text };
    if (parsed?.family === 6) return { value: parsed };
    return `'${text}' is no IPv6 address (without a /length); write it like ${examples[6]}, or "random"`;
  },
);

export function ipNetwork(family?: 4 | 6): z.ZodType<IpNetwork, string> {
  return value((text) => {
    const parsed = parseNetwork(text);
    const fits = parsed.kind !== 'malformed' && [undefined, parsed.network.family].includes(family);
    if (parsed.kind === 'network' && fits) return { value: parsed.network };
    if (parsed.kind === 'host-bits' && fits) {
      return `'${text}' is an address in a network; the network is "${formatNetwork(parsed.network)}"`;
    }
    const kind = family === undefined ? 'network' : `IPv${family} network`;
    return `'${text}' is no ${kind}; write it like ${networkExamples[family ?? 6]}`;
  });
}

/** `192.0.2.10` is taken as /32: what a routed address is. */
export function interfaced(family?: 4 | 6): z.ZodType<Interfaced, string> {
  return value((text) => {
    const whole = text.includes('/') ? text : `${text}/${text.includes(':') ? 128 : 32}`;
    const parsed = parseInterfaced(whole);
    if (parsed !== undefined && [undefined, parsed.address.family].includes(family)) {
      return { value: parsed };
    }
    const kind = family === undefined ? 'IP address' : `IPv${family} address`;
    return `'${text}' is no ${kind}; write it like ${examples[family ?? 6]}, or with its length`;
  });
}

export const mac: z.ZodType<MacAddress, string> = value<MacAddress>((text) => {
  const parsed = parseMac(text);
  if (parsed === undefined) {
    return `'${text}' is no MAC address; write it like "00:24:21:21:ac:99" (\`ip link\` shows it)`;
  }
  if (isMulticast(parsed)) return `'${text}' is a group's MAC address, no card has it`;
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
