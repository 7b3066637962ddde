import type { DebianTree } from '../lab/debian-tree.js';

/** What changes by itself while a machine runs, and what packages and services keep of their own. */
const notLooked = [
  ...['/dev', '/proc', '/run', '/sys', '/tmp', '/var/tmp', '/root'],
  ...['/var/cache', '/var/log', '/var/lib/apt', '/var/lib/dpkg', '/var/lib/systemd'],
  ...['/var/spool/postfix', '/var/lib/postfix', '/var/lib/dovecot', '/var/lib/apache2'],
];

/** Every file: its kind, rights, owner and target, and of /etc its content. */
export async function listFiles(machine: DebianTree): Promise<string> {
  const prune = notLooked.map((path) => `-path ${path}`).join(' -o ');
  const files = `find / -xdev \\( ${prune} \\) -prune -o -printf '%p %y %m %u:%g %l\\n'`;
  return machine.must(`(${files}; find /etc -type f | xargs sha256sum) | sort`);
}

/** By `before` and now: paths that are new, gone or another. */
export async function leftBehind(machine: DebianTree, before: string): Promise<readonly string[]> {
  const lines = (text: string): ReadonlySet<string> => new Set(text.trim().split('\n'));
  const [then, now] = [lines(before), lines(await listFiles(machine))];
  const differing = [
    ...[...now].filter((line) => !then.has(line)),
    ...[...then].filter((line) => !now.has(line)),
  ];
  const pathOf = (line: string): string => /(?:^| )(\/\S*)/.exec(line)?.[1] ?? line;
  return [...new Set(differing.map(pathOf))].toSorted();
}
