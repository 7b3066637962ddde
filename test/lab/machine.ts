import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { checkoutRoot } from './checkout.js';
import { programFile } from './program-file.js';

/**
 * A machine for one program, on which everything that it or what it starts writes in the system's directories
 * is gone afterwards, as are its processes: a copy of this one with a network of its own (loopback and `addresses`), the
 * checkout at /opt/sixhub, and no systemd. Users and groups other than its own need root, as they do everywhere.
 */
export async function runOnMachine(
  args: readonly string[],
  {
    addresses,
    onLine,
  }: { readonly addresses: readonly string[]; readonly onLine: (line: string) => void },
): Promise<{ readonly code: number | undefined; readonly complaint: string }> {
  const root = process.getuid?.() === 0;
  const words = [
    ...(root ? [] : ['--user', '--map-root-user']),
    ...['--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc'],
    ...['sh', '-ec', script(root, addresses), 'machine', process.execPath, ...args],
  ];
  const child = spawn(programFile('unshare', 'util-linux'), words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: checkoutRoot,
  });
  createInterface({ input: child.stdout }).on('line', onLine);
  let complaint = '';
  child.stderr.on('data', (chunk) => (complaint += String(chunk)));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? undefined, complaint }));
  });
}

/**
 * What is written to, each laid over by itself: the kernel lets a plain user lay over a directory but not own what is
 * below it.
 */
const written = [
  'etc',
  'etc/acme-dns',
  'etc/bash_completion.d',
  'etc/letsencrypt',
  'etc/prometheus',
  'etc/systemd/system',
  'opt',
  'srv',
  'usr/bin',
  'usr/local/bin',
  'usr/share',
  'usr/share/bash-completion/completions',
  'usr/share/fish/vendor_completions.d',
  'usr/share/man/man1',
  'usr/share/zsh/vendor-completions',
  'var/lib',
];

/**
 * A lab sweeps away what labs left whose process is gone. Processes of outside are not seen inside, so that labs inside
 * have a place of their own.
 */
function script(root: boolean, addresses: readonly string[]): string {
  const option = root ? '' : 'userxattr,';
  return `
ip link set lo up
${addresses.map((address) => `ip address add ${address}/128 dev lo nodad`).join('\n')}
mount -t tmpfs over /mnt
for directory in ${written.join(' ')}; do
  [ -d /$directory ] || continue
  mkdir -p /mnt/$directory/upper /mnt/$directory/work
  mount -t overlay over -o ${option}lowerdir=/$directory,upperdir=/mnt/$directory/upper,workdir=/mnt/$directory/work /$directory
done
mount -t tmpfs run /run
mount -t tmpfs home /root
mkdir -m 1777 /run/tmp
export TMPDIR=/run/tmp
mkdir -p /opt/sixhub
mount --bind '${join(checkoutRoot)}' /opt/sixhub
"$@"
`;
}
