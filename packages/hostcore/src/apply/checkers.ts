import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { programFailure, SixhubError } from '@sixhub/base';
import type { FileStep } from '../domain/apply/step.js';
import type { Run } from './run.js';

/** How a daemon is asked about its file before it gets it. */
interface Checker {
  readonly path: RegExp;
  readonly program: string;
  /** Directories of /etc that it reads beyond its own file, by absolute names. */
  readonly around?: string;
  ask(staged: string, root: string): readonly string[];
  /** How it ends where all is well, if not with 0. */
  readonly code?: number;
}

const checkers: readonly Checker[] = [
  {
    path: /^\/etc\/sixhub\/nftables\.nft$/,
    program: 'nft',
    ask: (staged) => ['nft', '-c', '-f', staged],
  },
  {
    path: /^\/etc\/radvd\.conf$/,
    program: 'radvd',
    ask: (staged) => ['radvd', '--configtest', '-C', staged],
  },
  {
    path: /^\/etc\/bind\//,
    program: 'named-checkconf',
    around: '/etc/bind',
    ask: () => ['named-checkconf'],
  },
  {
    path: /^\/etc\/unbound\//,
    program: 'unbound-checkconf',
    around: '/etc/unbound',
    ask: () => ['unbound-checkconf'],
  },
  {
    path: /^\/etc\/tayga\.conf$/,
    program: 'tayga',
    // It has no check: what is wrong it says when it starts; one that goes on is stopped by timeout(1).
    ask: (staged) => ['timeout', '0.3', 'tayga', '-c', staged, '--nodetach', '-d'],
    code: 124,
  },
  {
    path: /^\/etc\/netplan\//,
    program: 'netplan',
    ask: (_, root) => ['netplan', 'generate', '--root-dir', root],
  },
  {
    path: /^\/etc\/systemd\/system\//,
    program: 'systemd-analyze',
    ask: (staged) => ['systemd-analyze', 'verify', '--man=no', staged],
  },
];

/**
 * Every daemon's own checker over the files as they would be, in a network and a mount namespace that last for the question. A
 * daemon reads its whole directory, so the new files are seen at their places there. networkd, ndppd and sysctl have no checker.
 */
export async function checkFiles(run: Run, steps: readonly FileStep[]): Promise<readonly string[]> {
  const root = await mkdtemp(join(tmpdir(), 'hostcore-check-'));
  try {
    await lay(root, steps);
    const asked = steps.flatMap((step) => {
      const checker =
        step.kind === 'put' ? checkers.find(({ path }) => path.test(step.path)) : undefined;
      return checker === undefined ? [] : [{ checker, path: step.path }];
    });
    const answers = await Promise.all(
      asked.map(async ({ checker, path }) => ({
        checker: checker.program,
        path,
        refusal: await refusal(run, checker, path, root),
      })),
    );
    const refused = answers.filter((one) => one.refusal !== undefined);
    if (refused.length === 0) return answers.map(({ checker, path }) => `${checker} takes ${path}`);
    throw new SixhubError({
      code: 'refused-by-daemon',
      fact: refused
        .map(
          ({ checker, path, refusal }) =>
            `${checker} refuses ${path}: ${refusal?.replaceAll(root, '')}`,
        )
        .join('\n'),
      hint: 'Nothing was changed. `hostcore render` shows the files, `hostcore lint` what may be wrong in host.toml.',
    });
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function lay(root: string, steps: readonly FileStep[]): Promise<void> {
  for (const around of ['/etc/bind', '/etc/unbound']) {
    const touched = steps.some(({ path }) => path.startsWith(`${around}/`));
    if (touched && existsSync(around)) await cp(around, join(root, around), { recursive: true });
  }
  for (const step of steps) {
    if (step.kind !== 'put') continue;
    const place = join(root, step.path);
    await mkdir(dirname(place), { recursive: true });
    await writeFile(place, step.text, { mode: step.mode });
  }
}

/**
 * Names and sockets of PID 1 are seen as ever; the network is empty. Unbound's trust anchor, which its package's configuration
 * names, is copied by its unit when it first starts: one that never ran is asked as if it had.
 */
const inside = `if [ -n "$1" ]; then mount --bind "$2$1" "$1"; fi
given=/usr/share/dns/root.key anchors=/var/lib/unbound
if [ "$1" = /etc/unbound ] && [ -d $anchors ] && [ ! -e $anchors/root.key ] && [ -e $given ]; then
  mount -t tmpfs tmpfs $anchors && cp $given $anchors/
fi
shift 2
exec "$@"`;

async function refusal(
  run: Run,
  { ask, around, code = 0 }: Checker,
  path: string,
  root: string,
): Promise<string | undefined> {
  const result = await run('unshare', [
    ...['--net', '--mount', 'sh', '-ec', inside, 'sh', around ?? '', root],
    ...ask(join(root, path), root),
  ]);
  if (result.kind === 'exited' && result.code === code) return undefined;
  return programFailure(result) ?? 'it ended as if all were done';
}
