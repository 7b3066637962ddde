import { usageError } from '@sixhub/base';
import type { Host } from '../domain/host.js';
import {
  parseEndpoint,
  usualTargets,
  type Endpoint,
  type Targets,
} from '../domain/verify/targets.js';

export interface TargetOptions {
  readonly 'ipv4-target': string | undefined;
  readonly 'ipv6-target': string | undefined;
  readonly 'ipv4-name': string;
  readonly 'ipv6-name': string;
}

export function targetsOf(options: TargetOptions, host: Host): Targets {
  const usual = usualTargets(host);
  return {
    ipv4: endpoint(options['ipv4-target'], 4) ?? usual.ipv4,
    ipv6: endpoint(options['ipv6-target'], 6) ?? usual.ipv6,
    ipv4Name: name(options['ipv4-name'], '--ipv4-name'),
    ipv6Name: name(options['ipv6-name'], '--ipv6-name'),
  };
}

function endpoint(text: string | undefined, family: 4 | 6): Endpoint | undefined {
  if (text === undefined) return undefined;
  const parsed = parseEndpoint(text, family);
  if (parsed !== undefined) return parsed;
  const example = family === 4 ? '192.0.2.80:443' : '[2001:db8::80]:443';
  throw usageError(
    `--ipv${family}-target '${text}' is no IPv${family} address with a port`,
    `Write it like ${example}.`,
  );
}

/** RFC 1035 §2.3.4: what can be asked for at all. */
function name(text: string, option: string): string {
  const labels = text.replace(/\.$/, '').split('.');
  const sound = labels.every((label) => /^[a-z0-9_-]{1,63}$/i.test(label)) && text.length <= 253;
  if (sound) return text;
  throw usageError(`${option} '${text}' is no domain name`, 'Write it like www.example.org.');
}
