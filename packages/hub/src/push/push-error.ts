import { SixhubError } from '@sixhub/base';
import { printable } from '../domain/printable.js';

/** Why a host does not take what is pushed to it, in its receiver's own words where it has some. */

export function noReceiver(host: string, said: string): SixhubError {
  return new SixhubError({
    code: 'no-receiver',
    fact: `what answers our key at ${host} is not Sixhub's receiver: ${printable(said) || 'it says nothing'}`,
    hint: 'The line of authorized_keys there must begin with restrict,command="…receiver": `hub push show NAME` has it whole; `hub push receiver` prints the program.',
  });
}

export function otherReceiver(host: string, said: string): SixhubError {
  return new SixhubError({
    code: 'receiver-version',
    fact: `the receiver at ${host} is of another version: ${printable(said)}`,
    hint: 'Put the one of this hub there: `hub push receiver` prints it. Its list stays as it is.',
  });
}

export function refusedThere(host: string, said: string): SixhubError {
  return new SixhubError({
    code: 'push-refused',
    fact: `${host}: ${printable(said)}`,
    hint: 'What the host takes stands in its own list, push.conf: docs/push.md. What stood there still stands.',
  });
}

export function keyRefused(host: string, user: string): SixhubError {
  return new SixhubError({
    code: 'push-key-refused',
    fact: `${host} does not let the hub in as ${user}: its key is not taken there`,
    hint: `The line for ~${user}/.ssh/authorized_keys: \`hub push show NAME\`. It takes part only where that file is its owner's alone, and sshd allows ${user} to log in by key (PermitRootLogin forced-commands-only is enough for root).`,
  });
}

export function hostKeyChanged(host: string, shown: string, pinned: string): SixhubError {
  return new SixhubError({
    code: 'push-host-key-changed',
    fact: `${host} shows another key than the one that was pinned: ${shown}, where ${pinned} was expected`,
    hint: 'Somebody may stand in between; nothing was sent. Was the host set up anew? Compare on its console (ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub), then: `hub push trust NAME`',
  });
}
