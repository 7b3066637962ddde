import { foreignManagers, type ForeignFile } from '../foreign.js';
import { formerBridges } from '../former-bridges.js';
import { layout } from '../layout.js';
import type { Lint } from '../lint.js';
import { networkFiles } from '../network-files.js';
import { bodyOf } from '../origin.js';

/** Who configures the network now, beside host.toml or until it does. */
export const managerLints: readonly Lint[] = [
  {
    id: 'two-managers',
    severity: 'warning',
    reason:
      "Two network managers on one device, or two files of one, undo each other's work, at the next boot at the latest.",
    clause: 'netplan(5), systemd.network(5), interfaces(5)',
    *find(host, facts) {
      const { files } = facts;
      const foreign = foreignManagers(host, files, formerBridges(host, facts));
      const own = networkFiles(host).find((path) => files.has(path));
      for (const [index, file] of foreign.entries()) {
        if (own !== undefined) {
          yield {
            fact: `${said(file)}, and so does ${own}`,
            remedy:
              '`hostcore plan` shows what is lost with it, and sets it aside in the step in which the network is configured anew.',
          };
          continue;
        }
        const rival = foreign.slice(0, index).find((other) => contend(file, other));
        if (rival === undefined) continue;
        const device = rival.devices.find((one) => file.devices.includes(one)) ?? '';
        yield {
          fact: `${said(file)}, and so does ${rival.path} (${rival.manager})`,
          remedy: `\`networkctl status ${device}\` names the file that is in force: leave that one. \`hostcore plan\` takes over from both.`,
        };
      }
    },
  },
  {
    id: 'taken-over',
    severity: 'note',
    reason:
      'What configures the network now holds the host up until the files of hostcore are in force.',
    clause: 'netplan(5), systemd.network(5), interfaces(5)',
    *find(host, facts) {
      const { files } = facts;
      if (networkFiles(host).some((path) => files.has(path))) return;
      const foreign = foreignManagers(host, files, formerBridges(host, facts));
      for (const manager of new Set(foreign.map((one) => one.manager))) {
        const own = foreign.filter((one) => one.manager === manager);
        const devices = [...new Set(own.flatMap((one) => one.devices))];
        yield {
          fact: `${manager} configures ${devices.join(', ')} now: ${own.map(({ path, line }) => `${path}:${line}`).join(', ')}`,
          remedy: `Leave ${own.length === 1 ? 'it' : 'them'} in place. \`hostcore plan\` shows what comes instead and what is lost with ${own.length === 1 ? 'it' : 'them'}; set aside in the same step, never before.`,
        };
      }
    },
  },
  {
    id: 'drop-in',
    severity: 'note',
    reason:
      'A drop-in adds to what hostcore says of a device, or says otherwise, and is no part of the plan.',
    clause: 'systemd.network(5)',
    *find(host, { files }) {
      const devices = layout(host).map(({ device }) => device);
      for (const [path, text] of files) {
        const device = dropIn.exec(path)?.[1] ?? '';
        if (!devices.includes(device) || bodyOf(text) !== text) continue;
        yield {
          fact: `${path} has a say in ${device} as well`,
          remedy: `Fine where host.toml has no word for it (an MTU, say); else put it into host.toml and remove it.`,
        };
      }
    },
  },
];

const dropIn = /^\/etc\/systemd\/network\/(?:05-sixhub|10-netplan)-(.+)\.network\.d\/[^/]+\.conf$/;

function contend(one: ForeignFile, other: ForeignFile): boolean {
  return (
    one.manager !== other.manager && one.devices.some((device) => other.devices.includes(device))
  );
}

function said({ path, line, manager, devices }: ForeignFile): string {
  return `${path}:${line}: ${manager} configures ${devices.join(', ')}`;
}
