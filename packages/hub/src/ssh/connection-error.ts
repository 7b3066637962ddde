import { errorText, exitCodes, SixhubError } from '@sixhub/base';
import { hostName, targetText, type SshTarget } from './target.js';

/** Why a host can't be reached, does not let us in, or is gone: each with what to do next. */

export function unreachable(target: Pick<SshTarget, 'host' | 'port'>, error: unknown): SixhubError {
  return new SixhubError({
    code: 'host-unreachable',
    fact: `${hostName(target)} can't be reached by SSH: ${errorText(error)}`,
    hint: 'Is the name right, and the machine up? Where it is reached through another host only: --jump USER@HOST.',
    exit: exitCodes.unreachable,
  });
}

export function notReached(
  via: SshTarget,
  target: Pick<SshTarget, 'host' | 'port'>,
  error: Error,
): SixhubError {
  return new SixhubError({
    code: 'host-unreachable',
    fact: `${hostName(target)} can't be reached from ${hostName(via)}: ${errorText(error)}`,
    hint: `The name is looked up on ${hostName(via)}; its sshd must allow forwarding (AllowTcpForwarding).`,
    exit: exitCodes.unreachable,
  });
}

export function notLetIn(target: SshTarget, tried: readonly string[]): SixhubError {
  return new SixhubError({
    code: 'login-refused',
    fact: `${targetText(target)} lets us in by none of the ways that there are: ${tried.join(', ') || 'there is no agent (SSH_AUTH_SOCK), no --identity, and no terminal to ask for a password at'}`,
    hint: `The same must work with ssh itself: ssh -p ${target.port} ${target.user}@${target.host}. A key: --identity FILE, or ssh-add FILE.`,
  });
}

export function hungUp(target: SshTarget, tried: readonly string[]): SixhubError {
  return new SixhubError({
    code: 'login-broken-off',
    fact: `${targetText(target)} hung up before we were let in${tried.length === 0 ? '' : `, after ${tried.join(', ')}`}`,
    hint: 'An agent with many keys is refused after a few (MaxAuthTries): name the right one by --identity FILE. Else see the log of sshd there.',
    exit: exitCodes.unreachable,
  });
}

export function connectionLost(target: SshTarget, error: unknown): SixhubError {
  return new SixhubError({
    code: 'connection-lost',
    fact: `the connection to ${hostName(target)} broke${error === undefined ? '' : `: ${errorText(error)}`}`,
    hint: 'The same command again finds what is done and does the rest.',
    exit: exitCodes.unreachable,
  });
}

export function noSftp(target: SshTarget, error: Error): SixhubError {
  return new SixhubError({
    code: 'no-sftp',
    fact: `${hostName(target)} takes no files by SFTP: ${errorText(error)}`,
    hint: "Debian's package openssh-sftp-server has it; sshd_config names it: Subsystem sftp /usr/lib/openssh/sftp-server",
  });
}
