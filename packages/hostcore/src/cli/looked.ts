import { unjudged, type Lint, type Need } from '../domain/lint.js';
import type { Facts } from '../domain/facts.js';
import type { Look } from './load.js';

/** What was looked at, where it is not simply this machine: an answer is worth no more than that. */
export function lookedAt({ root, kernel }: Look, kernelSeen: boolean): string | undefined {
  const here = root === '/';
  if (!kernel && here) {
    return "Looked at this machine's own files alone: --files-only without --root DIR. Its kernel was left out.";
  }
  if (!kernel) return `Looked at the files below ${root} alone, and at no kernel.`;
  if (!kernelSeen) {
    return `Looked at ${here ? "this machine's files" : `the files below ${root}`} alone: the kernel could not be asked (\`ip\`, apt install iproute2).`;
  }
  return here
    ? undefined
    : `Looked at the files below ${root}, and at the kernel of this machine: if they are of another one, say --files-only.`;
}

const why: Readonly<Record<Need, (look: Look) => string>> = {
  kernel: ({ kernel }) =>
    kernel ? 'the kernel could not be asked' : 'the kernel was left out (--files-only)',
  rules: () => "the kernel's rules could not be read (root, and nftables, are needed)",
  packages: ({ root }) => `there is no list of packages (${below(root, 'var/lib/dpkg/status')})`,
  release: ({ root }) => `there is no ${below(root, 'etc/os-release')}`,
};

function below(root: string, path: string): string {
  return `${root.replace(/\/$/, '')}/${path}`;
}

/** Which lints said nothing because they could not. */
export function leftOut(lints: readonly Lint[], facts: Facts, look: Look): readonly string[] {
  return unjudged(lints, facts).map(
    ({ need, ids }) => `Not judged, since ${why[need](look)}: ${ids.join(', ')}.`,
  );
}
