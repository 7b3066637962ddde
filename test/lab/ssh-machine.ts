import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram, type ProgramResult } from '@sixhub/base';
import { checkoutRoot } from './checkout.js';
import { startDaemon, type Daemon } from './daemon.js';
import { listensAt } from './fact.js';
import type { Lab } from './lab.js';
import { ports } from './ports.js';
import { programFile } from './program-file.js';
import { runTool } from './run-tool.js';

/**
 * A machine that is reached by SSH: Debian's sshd in a mount and a process namespace of its own, over the network of the
 * lab. What is written in its system's directories is gone with it, as are its processes. Needs root.
 */
export interface SshMachine {
  readonly daemon: Daemon;
  readonly address: string;
  /** `root@ADDRESS:PORT`. */
  readonly root: string;
  /** Logs root in there; its agent's socket is none. */
  readonly identity: string;
  /** As in known_hosts: type and base64. */
  readonly hostKey: string;
  /** SHA256:… of it. */
  readonly fingerprint: string;
  /** Runs a line of sh inside, as root, past SSH. */
  inside(line: string): Promise<ProgramResult>;
  mustInside(line: string): Promise<string>;
}

export interface SshMachineOptions {
  readonly address?: string;
  readonly port?: number;
  /** Without, the machine has none. */
  readonly node?: false;
  /** With a stand-in for systemctl, that starts what a unit names. */
  readonly systemd?: true;
  readonly password?: string;
  /** Lines for sshd_config. */
  readonly more?: string;
  /** Lines of sh before sshd starts. */
  readonly before?: string;
}

export async function startSshMachine(
  lab: Lab,
  options: SshMachineOptions = {},
): Promise<SshMachine> {
  const { address = lab.address(), port = ports.ssh } = options;
  const place = await lab.makeDirectory('ssh-machine');
  const identity = await makeSshKey(place, 'login');
  const host = await makeSshKey(place, 'host');
  await copyFile(join(checkoutRoot, 'test/machine/systemctl.sh'), join(place, 'systemctl'));
  await writeFile(join(place, 'sshd_config'), sshdConfig(address, port, options.more));
  const script = scriptFor(place, options);
  const daemon = lab.own(
    await startDaemon({
      name: 'sshd',
      program: programFile('unshare', 'util-linux'),
      args: [
        ...['--mount', '--pid', '--fork', '--kill-child', '--mount-proc'],
        ...['sh', '-ec', script, 'ssh-machine'],
      ],
      // Of its login sessions, only what sshd itself gives them.
      env: { SSH_AUTH_SOCK: undefined },
      logFile: join(place, 'log'),
      ready: listensAt(address, port),
    }),
  );
  const inside = async (line: string): Promise<ProgramResult> => {
    const pid = (await readFile(`/proc/${daemon.pid}/task/${daemon.pid}/children`, 'utf8')).trim();
    return runProgram(programFile('nsenter', 'util-linux'), [
      ...['--mount', '--pid', '--target', pid, '--', 'sh', '-c', line],
    ]);
  };
  const [type = '', blob = ''] = (await readFile(`${host}.pub`, 'utf8')).split(' ');
  const shown = await runTool('ssh-keygen', ['-lf', `${host}.pub`]);
  return {
    daemon,
    address,
    root: `root@${address}:${port}`,
    identity,
    hostKey: `${type} ${blob.trim()}`,
    fingerprint: /SHA256:\S+/.exec(shown)?.[0] ?? '',
    inside,
    async mustInside(line) {
      const result = await inside(line);
      if (result.kind === 'exited' && result.code === 0) return result.stdout;
      throw new Error(`${line}: ${JSON.stringify(result)}`);
    },
  };
}

export async function makeSshKey(place: string, name: string, passphrase = ''): Promise<string> {
  const file = join(place, name);
  await runTool('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-C', name, '-f', file]);
  return file;
}

function sshdConfig(address: string, port: number, more = ''): string {
  // Of several lines with a keyword, sshd takes the first.
  return `${more}
ListenAddress ${address}
Port ${port}
PidFile none
HostKey /mnt/own/host
AuthorizedKeysFile /mnt/own/login.pub .ssh/authorized_keys
PermitRootLogin yes
UsePAM no
MaxStartups 100
Subsystem sftp /usr/lib/openssh/sftp-server
`;
}

/**
 * Every directory that is written to is one of links to what the real one has: an overlay over an overlay over an overlay,
 * as here inside a machine inside a container, is more than the kernel takes.
 */
function scriptFor(place: string, { node, systemd, password, before }: SshMachineOptions): string {
  return `
mount -t tmpfs -o mode=755 machine /mnt
mkdir /mnt/own /mnt/real /mnt/view
cp '${place}'/* /mnt/own/
chmod 600 /mnt/own/host
touch /mnt/own/node
mount --bind '${process.execPath}' /mnt/own/node
for directory in usr/bin usr/lib var/lib; do
  mkdir -p /mnt/real/$directory /mnt/view/$directory
  mount --bind /$directory /mnt/real/$directory
  (cd /mnt/view/$directory && ln -s /mnt/real/$directory/* .)
done
cd /mnt/view
rm -f usr/bin/node usr/bin/nodejs usr/bin/hub-agent usr/lib/sixhub-agent var/lib/sixhub*
mkdir local
cp -a /etc .
rm -rf etc/sixhub etc/letsencrypt etc/ssh/ssh_known_hosts etc/systemd/system/sixhub*
${node === false ? '' : 'ln -s /mnt/own/node local/node'}
${systemd === true ? 'cp /mnt/own/systemctl local/systemctl; chmod 755 local/systemctl' : ''}
for directory in usr/bin usr/lib var/lib etc; do mount --bind /mnt/view/$directory /$directory; done
mount --bind /mnt/view/local /usr/local/bin
mount -t tmpfs -o mode=755 lib /usr/local/lib
mount -t tmpfs -o mode=755 run /run
mount -t tmpfs -o mode=700 home /root
mkdir -p /run/sshd /run/lock
${systemd === true ? 'mkdir -p /run/systemd/system' : ''}
${password === undefined ? '' : `usermod -p "$(openssl passwd -6 '${password}')" root`}
${before ?? ''}
exec /usr/sbin/sshd -D -e -f /mnt/own/sshd_config
`;
}
