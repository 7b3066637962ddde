import type { Facts } from '../facts.js';
import type { Host } from '../host.js';
import type { KernelChange } from './kernel-change.js';

/** The guide's rule in the kernel, which stays until somebody takes it away, whatever becomes of rc.local. */
export function rewritingChanges(host: Host, { kernel, files }: Facts): readonly KernelChange[] {
  const { uplink } = host;
  const made = [...files].find(([, text]) => text.split('\n').some((line) => isRewriting(line)));
  const again =
    made === undefined
      ? '; what makes it at boot was not found: `grep -rl ebtables /etc`'
      : `; ${made[0]} makes it at boot`;
  return (kernel?.rules?.rewriting ?? [])
    .filter(({ out }) => out === undefined || out === uplink.device)
    .map(({ rule, remove }) => ({
      ...{ kind: 'rules', action: 'remove', command: remove },
      subject: `ebtables nat POSTROUTING: ${rule}`,
      why: `${whyNot(host)}${again}`,
    }));
}

export function whyNot({ uplink }: Host): string {
  return uplink.mode === 'bridged'
    ? 'the rules of hostcore rewrite MAC addresses at the card alone, not between VMs'
    : `with mode ${uplink.mode} no frame of a VM reaches the provider`;
}

/** A line of a shell script that has frames rewritten; what else ebtables does is nobody's here. */
export function isRewriting(line: string): boolean {
  return /^[^#]*\bebtables(-nft|-legacy)?\b.*\s-j\s+snat\b/.test(line);
}
