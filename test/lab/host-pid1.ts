import { readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { checkoutRoot } from './checkout.js';
import { allOf, logSays } from './fact.js';
import type { HostMachine } from './host-machine.js';
import { machineShows } from './host-network.js';
import type { Lab } from './lab.js';
import { programFile } from './program-file.js';
import { runTool } from './run-tool.js';

/**
 * What stands where systemd would: a systemctl that starts what units name, and the bus by which networkd is told to reload. What
 * was started in there ends with the lab, also what a killed program left behind.
 */
export async function standInForSystemd(lab: Lab, host: HostMachine): Promise<void> {
  lab.own({ [Symbol.asyncDispose]: () => endAllIn(host) });
  const standIn = join(checkoutRoot, 'test/lab/host-systemctl.sh');
  await host.shell(
    `mount --bind ${standIn} $(command -v systemctl); mkdir -p /run/dbus /run/sshd /run/named; chmod 777 /run/named`,
  );
  const words = ['--system', '--nofork', '--nopidfile', '--print-address'];
  const bus = programFile('dbus-daemon', 'dbus-daemon');
  const isUp = allOf(logSays(/unix:/), machineShows(host, 'ls /run/dbus', /system_bus_socket/));
  await host.start('dbus', bus, words, isUp);
}

/** The machine's own first process ends with its piece of the lab. */
async function endAllIn({ pid }: HostMachine): Promise<void> {
  const network = await readlink(`/proc/${pid}/ns/net`).catch(() => undefined);
  if (network === undefined) return;
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === pid) continue;
    const its = await readlink(`/proc/${name}/ns/net`).catch(() => undefined); // it has ended
    if (its === network) await runTool('kill', ['-9', name]).catch(() => '');
  }
}
