import { exitCodes, SixhubError } from '@sixhub/base';
import { places } from '../installation/agent-files.js';
import type { Found } from '../installation/found.js';
import type { Obstacle, Step } from '../installation/plan.js';

/** Steps, and what stands in their way, in words. */

export function stepText(step: Step): string {
  switch (step.kind) {
    case 'install-node':
      return 'apt-get install nodejs';
    case 'make-directory':
      return `make ${step.path}`;
    case 'write': {
      const { path, mode, content } = step.file;
      const size = content.length < 10_000 ? '' : `, ${Math.round(content.length / 1000)} kB`;
      return `${step.replaces ? 'replace' : 'write'} ${path} (root, ${mode.toString(8)}${size})`;
    }
    case 'systemctl':
      return `systemctl ${step.words.join(' ')}`;
    case 'enrol':
      return `hub-agent enroll${step.again ? ' --again' : ''}, as ${step.name}, by a one-time token on its standard input; ${
        step.grants.length === 0
          ? 'it may have no certificate yet'
          : `it may have ${step.grants.join(', ')}`
      }`;
    case 'grant':
      return `at the hub: ${step.name} may have ${step.certificate}`;
    case 'run':
      return step.now
        ? 'hub-agent run --now: reloads those services and proves that they serve it'
        : 'hub-agent run: brings its certificates';
    case 'detect':
      return `hub-agent detect --write: adds the services that use them to ${places.configuration}`;
    case 'remove-agent':
      return `at the hub: the agent ${step.name} is removed, and cut off`;
    case 'delete':
      return `delete ${step.path}`;
    default:
      return step satisfies never;
  }
}

export function foundText({ system, node, runsSystemd, identity }: Found): string {
  return [
    system,
    node === undefined ? 'no node' : `node ${node}`,
    runsSystemd ? 'systemd' : 'no systemd: nothing will run the agent by itself',
    identity === undefined ? 'not enrolled' : `enrolled as ${identity.agent}`,
  ].join('; ');
}

export const leftThere = `Left there: certificates (/etc/letsencrypt), ${places.configuration}, the services' own files, and the package nodejs. A service whose certificate is not renewed any more ends with it.`;

export function obstacleError(machine: string, obstacle: Obstacle): SixhubError {
  const error = (code: string, fact: string, hint: string): SixhubError =>
    new SixhubError({ code, fact: `${machine}: ${fact}`, hint, exit: exitCodes.waiting });
  switch (obstacle.kind) {
    case 'packaged':
      return error(
        'agent-packaged',
        `${places.launcher} belongs to the package ${obstacle.by}`,
        `Nothing was changed. That package is kept by apt there; enrol it by hub agent add, or remove it first: apt-get remove ${obstacle.by}`,
      );
    case 'no-node':
      return error(
        'node-missing',
        obstacle.found === undefined
          ? 'there is no node, which the agent needs (18 or newer)'
          : `its node is ${obstacle.found}, and the agent needs 18 or newer`,
        obstacle.hasApt
          ? "Nothing was changed. Debian's package nodejs has it (apt-get install nodejs); with --install-node, this command installs it."
          : 'Nothing was changed. There is no apt-get either: put a node into /usr/local/bin there.',
      );
    case 'other-identity':
      return error(
        'other-identity',
        `it is enrolled already, as ${obstacle.agent} at ${obstacle.hubs.join(', ')}`,
        `Nothing was changed. Is it this hub's agent (hub agent show ${obstacle.agent}), keep that name: --name ${obstacle.agent}. To begin anew: the same command with --remove first.`,
      );
    case 'name-taken':
      return error(
        'agent-exists',
        `the hub has an enrolled agent ${obstacle.name} already, and this machine is not it`,
        `Nothing was changed. Another name: --name NAME. Was the machine set up anew, or an enrolment broken off: hub agent remove ${obstacle.name}, then the same command again.`,
      );
    default:
      return obstacle satisfies never;
  }
}
