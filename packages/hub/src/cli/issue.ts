import { usageError, type ExitCode, type Terminal } from '@sixhub/base';
import type { Started } from './answers.js';
import { challengeDomain, parseDnsName, wildcardOf, type DnsName } from '../domain/dns-name.js';
import { connectHub } from './client.js';
import { conclude, type Waits } from './conclude.js';

interface IssueInput {
  readonly operands: readonly string[];
  readonly json: boolean;
  readonly options: Waits & {
    readonly name: readonly string[];
    readonly 'no-wildcard': boolean;
    readonly key: string | undefined;
    readonly 'reuse-key': boolean;
    readonly 'new-key': boolean;
    readonly as: string | undefined;
    readonly 'key-on': string | undefined;
    readonly 'key-at-hub': boolean;
  };
}

export async function issue(
  { operands, options, json }: IssueInput,
  terminal: Terminal,
): Promise<ExitCode> {
  if (operands.length > 1 && options.name.length > 0) {
    throw usageError(
      'hub issue: --name with several domains',
      'Several domains make a certificate each; --name adds to a single one.',
    );
  }
  if (options['reuse-key'] && options['new-key']) {
    throw usageError('hub issue: --reuse-key and --new-key', 'A renewal does one or the other.');
  }
  if (options['key-on'] !== undefined && options['key-at-hub']) {
    throw usageError('hub issue: --key-on and --key-at-hub', 'A key has one place.');
  }
  if (options.as !== undefined && operands.length > 1) {
    throw usageError('hub issue: --as with several domains', 'It names one certificate.');
  }
  const kinds = lineages(options.key);
  const hub = await connectHub(options);
  const wanted = operands.flatMap((domain) => {
    const asked = readDomain(domain);
    const own = options['no-wildcard'] ? [asked] : [...new Set([asked, wildcardOf(asked)])];
    const names = [...own, ...options.name.map(readDomain)];
    return kinds.map(({ key, suffix }) => ({
      name: `${options.as ?? challengeDomain(asked)}${suffix}`,
      names,
      key,
    }));
  });
  const reuse =
    options['reuse-key'] || options['new-key'] ? { reuseKey: options['reuse-key'] } : {};
  const keyOn = options['key-at-hub'] ? null : options['key-on'];
  const wishes = wanted.map(({ name, names, key }) => ({
    name,
    start: () =>
      hub.call<Started>('POST', '/v1/certificates', {
        ...{ name, names },
        ...(key === undefined ? {} : { key }),
        ...reuse,
        ...(keyOn === undefined ? {} : { keyOn }),
      }),
  }));
  return conclude(wishes, { hub, options, json }, terminal);
}

/**
 * Two kinds of key make two certificates of the same names, NAME and NAME-rsa or NAME-ecdsa: each has its versions,
 * renewals and files, and a service that can serve both is given both.
 */
function lineages(
  key: string | undefined,
): readonly { readonly key: string | undefined; readonly suffix: string }[] {
  const [first, second, ...more] = key?.split(',') ?? [];
  if (second === undefined) return [{ key: first, suffix: '' }];
  const isRsa = (kind: string | undefined): boolean => kind?.startsWith('rsa') === true;
  if (more.length > 0 || isRsa(first) === isRsa(second)) {
    throw usageError(
      `hub issue: --key ${key}`,
      'Two kinds are an RSA one and another: --key p256,rsa2048. Servers choose by what a client knows.',
    );
  }
  return [
    { key: first, suffix: '' },
    { key: second, suffix: isRsa(second) ? '-rsa' : '-ecdsa' },
  ];
}

function readDomain(text: string): DnsName {
  const parsed = parseDnsName(text);
  if (parsed.kind === 'name') return parsed.name;
  throw usageError(
    `'${text}' is not a domain name: ${parsed.reason}`,
    'Give a domain like example.org; its wildcard comes with it.',
  );
}

export async function renew(
  input: { readonly operands: readonly string[]; readonly json: boolean; readonly options: Waits },
  terminal: Terminal,
): Promise<ExitCode> {
  const name = input.operands[0] ?? '';
  const hub = await connectHub(input.options);
  const path = `/v1/certificates/${encodeURIComponent(name)}/renew`;
  const wish = { name, start: () => hub.call<Started>('POST', path) };
  return conclude([wish], { hub, options: input.options, json: input.json }, terminal);
}
