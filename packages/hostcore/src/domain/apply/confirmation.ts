import type { Seconds } from './record.js';

/** Who asks to confirm, as the processes above it have it; the environment says what sudo and tmux make of it. */
export interface Caller {
  /** The nearest sshd above, and when it started, on the clock that counts from boot. */
  readonly sshd: { readonly pid: number; readonly startedAt: Seconds } | undefined;
  /** The terminal, by its name in /dev: `pts/3`, `tty1`, `ttyS0`; undefined without one. */
  readonly terminal: string | undefined;
}

export type Judgement =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly why: string; readonly hint: string };

const anew =
  'Open a new SSH connection to this host, and run `hostcore confirm` there. It must be new, since one that was open before may live on where no new one comes through.';

/** A connection that began when everything was done has proven that one can. */
export function judge(
  { sshd, terminal }: Caller,
  activeAt: Seconds,
  atConsole: boolean,
): Judgement {
  if (atConsole) {
    if (terminal !== undefined && isConsole(terminal)) return { kind: 'accepted' };
    const place = terminal === undefined ? 'without a terminal' : `at ${terminal}`;
    return {
      kind: 'refused',
      why: `--console is for this machine's console, and this runs ${place}`,
      hint: `${anew} Or log in at the screen or the serial console of the machine.`,
    };
  }
  if (sshd === undefined) {
    return {
      kind: 'refused',
      why: 'no sshd is among the processes that started this, so nobody can tell whether the connection is new',
      hint: `${anew} Not inside tmux or screen, whose shells belong to no connection. At the machine's own console: \`hostcore confirm --console\`.`,
    };
  }
  if (sshd.startedAt > activeAt) return { kind: 'accepted' };
  const age = Math.max(0.1, activeAt - sshd.startedAt);
  return {
    kind: 'refused',
    why: `this SSH connection (sshd ${sshd.pid}) is older than the change, by ${age.toFixed(1)} s`,
    hint: `${anew} With ControlMaster, \`ssh -o ControlPath=none\` opens one of its own.`,
  };
}

/** Virtual consoles, serial ones, and those of virtual machines; no pseudo-terminal. */
function isConsole(terminal: string): boolean {
  return /^(tty\d+|ttyS\d+|ttyAMA\d+|ttyUSB\d+|hvc\d+|xvc\d+|console)$/.test(terminal);
}
