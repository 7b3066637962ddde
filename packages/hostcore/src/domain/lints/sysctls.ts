import type { Lint } from '../lint.js';
import { wantedSysctls } from '../sysctls.js';

interface Setting {
  readonly path: string;
  readonly line: number;
  readonly key: string;
  readonly value: string;
}

/** Files that are read after ours have the last word, at every boot. */
export const sysctlLints: readonly Lint[] = [
  {
    id: 'sysctl-overruled',
    severity: 'error',
    reason:
      'Of several files that set a kernel setting the last by name wins, at every boot: the plan would be done, and undone.',
    clause: 'sysctl.d(5)',
    *find(host, { files }) {
      const later = new Map(
        [...files]
          .filter(([path]) => path.startsWith(directory) && path > ours)
          .sort(([one], [other]) => (one < other ? -1 : 1))
          .flatMap(([path, text]) => settings(path, text))
          .map((one) => [one.key, one] as const),
      );
      for (const { key, value, why } of wantedSysctls(host)) {
        const found = later.get(key);
        if (found === undefined || found.value === value) continue;
        yield {
          fact: `${found.path}:${found.line} sets ${key} to ${found.value}, after ${ours} has set it to ${value}`,
          remedy: `Take that line out. ${why}`,
        };
      }
    },
  },
];

const directory = '/etc/sysctl.d/';
const ours = `${directory}90-sixhub.conf`;

/** Patterns are left out: a setting by its full name goes before them, wherever it stands. */
function settings(path: string, text: string): readonly Setting[] {
  return text.split('\n').flatMap((raw, index) => {
    const [, name, value = ''] = /^\s*-?([^\s#;=*]+)\s*=\s*(.*?)\s*$/.exec(raw) ?? [];
    if (name === undefined) return [];
    const key = normal(name);
    return [{ path, line: index + 1, key: alias.get(key) ?? key, value }];
  });
}

/** Dots or slashes, as the first of them is; the other kind then belongs into a name. */
function normal(name: string): string {
  const first = /[./]/.exec(name)?.[0];
  return first === '.' ? name.replaceAll(/[./]/g, (one) => (one === '.' ? '/' : '.')) : name;
}

/** One switch of the kernel, under two names. */
const alias = new Map([['net/ipv4/conf/all/forwarding', 'net/ipv4/ip_forward']]);
