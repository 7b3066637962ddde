import { createSocket } from 'node:dgram';
import { appendFile, copyFile, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import {
  commands,
  goTables,
  listensAt,
  listensAtSocket,
  makeCertbot,
  ports,
  runTool,
  startDaemon,
  startNameServer,
  startPebble,
  startResolver,
  startSshMachine,
  type Daemon,
  type Fact,
  type Lab,
  type Pebble,
} from '../lab/index.js';
import { atPrompt, type Reaction } from './at-prompt.js';
import type { Ran } from './ran.js';

/** What examples and docs take for granted: the domains, the authorities, the places in the file system. */
export interface World {
  /** Types a line as root; records that are asked for are created, questions are answered with yes. */
  type(line: string, more?: readonly Reaction[]): Promise<Omit<Ran, 'exit'>>;
  /** The same, where it must end well: what is done before an example. */
  mustType(line: string, more?: readonly Reaction[]): Promise<string>;
  /** Starts what runs until it is stopped. */
  start(line: string, ready: Fact): Promise<void>;
  /** Stops what was started by this line. */
  stop(line: string): Promise<void>;
  /** A tree at /etc/letsencrypt, in which certbot has a certificate for example.com. */
  letCertbot(): Promise<void>;
  /** mail.example.org, a bare machine whose root is let in by a password, and which this one knows. */
  letSshMachine(): Promise<void>;
  /** `hub.toml` as `hub init` wrote it names the real authorities and the system's resolver: ours, instead. */
  amendHubToml(): Promise<void>;
}

export const hubReady = listensAtSocket('/run/sixhub/hub.sock');
const acmeDnsAddress = '127.1.1.53';
export const acmeDnsReady = listensAt(acmeDnsAddress, 8053);
/** Of the Go program's database that is imported. */
const account = '8e5700ea-a4bf-41c7-8a77-e990661dcc6a';
const domains = ['example.org', 'example.net', 'example.com'];
const passphrase = 'five words that nobody guesses';
const sshPassword = 'of a root that few know';
const resolverAddress = '127.0.0.53';

export async function openWorld(lab: Lab): Promise<World> {
  const nameServer = await startNameServer(lab, domains);
  const resolver = await startResolver(lab, [
    ...nameServer.stubs,
    { zone: 'acme-dns.example.net', at: ['127.0.0.1:53'] },
  ]);
  await nameServer.addRecords([
    'acme-dns.example.net NS acme-dns.example.net.',
    'acme-dns.example.net AAAA 2001:db8::53',
  ]);
  lab.own(await forwardDns(resolverAddress, resolver.address));
  const authorities = {
    letsencrypt: await startPebble(lab, { resolver: resolver.server, rejectNonces: 0 }),
    zerossl: await startPebble(lab, { resolver: resolver.server }),
  };
  await furnish(lab);
  const started = new Map<string, Daemon>();
  const asked: Reaction = {
    to: /^ *(_acme-challenge\.\S+)\. 300 IN CNAME (\S+)\.$/m,
    by: async ([, owner = '', target = '']) => {
      await nameServer.removeRecords(owner, 'CNAME');
      await nameServer.addRecord(`${owner} CNAME ${target}.`);
      return undefined;
    },
  };
  const secret: Reaction = { to: /(?:assphrase[^\n]*|again): $/, by: () => passphrase };
  const password: Reaction = { to: /^Password of \S+: $/m, by: () => sshPassword };
  const question: Reaction = { to: /\[y\/N\] $/, by: () => 'y' };
  const type: World['type'] = (line, more = []) =>
    atPrompt(line, {
      shell: shellFor(line),
      reactions: [asked, question, secret, password, ...more],
    });
  return {
    type,
    async mustType(line, more) {
      const { code, screen } = await type(line, more);
      if (code !== 0) throw new Error(`${line} ended with ${code}:\n${screen}`);
      return screen;
    },
    async start(line, ready) {
      const [program = '', ...args] = line.split(' ');
      const logFile = join(lab.directory, `started-${started.size}`);
      const daemon = await startDaemon({
        name: line,
        program: `/usr/bin/${program}`,
        args,
        logFile,
        ready,
      });
      started.set(line, lab.own(daemon));
    },
    stop: async (line) => void (await started.get(line)?.stop()),
    async letCertbot() {
      const pebble = authorities.letsencrypt;
      const certbot = await makeCertbot({ lab, nameServer, resolver, pebble });
      await certbot.delegate('example.com');
      await certbot.issue(['-d', 'example.com', '-d', '*.example.com']);
      const move = `s#${certbot.directory}#/etc/letsencrypt#`;
      await runTool('sh', [
        '-ec',
        `cp -a ${certbot.directory}/. /etc/letsencrypt/; sed -i '${move}' /etc/letsencrypt/renewal/*`,
      ]);
    },
    async letSshMachine() {
      const name = 'mail.example.org';
      const address = '2001:db8::53'; // this machine has one only; the other shares its network
      const machine = await startSshMachine(lab, {
        address,
        port: 22,
        systemd: true,
        password: sshPassword,
      });
      await appendFile('/etc/hosts', `${address} ${name}\n`);
      await mkdir('/root/.ssh', { recursive: true });
      await appendFile('/root/.ssh/known_hosts', `${name} ${machine.hostKey}\n`);
    },
    amendHubToml: () => amend(resolver.server, authorities),
  };
}

/** bash for all but what is meant for another shell; that one with what its user has in it. */
function shellFor(line: string): readonly string[] {
  if (line.endsWith('| source')) return ['fish', '--no-config', '-c'];
  if (line.endsWith(' zsh)'))
    return ['zsh', '-fc', 'autoload -U compinit; compinit -u -D; eval "$0"'];
  return ['bash', '-c'];
}

async function furnish(lab: Lab): Promise<void> {
  await rm('/etc/resolv.conf', { force: true });
  await writeFile('/etc/resolv.conf', `nameserver ${resolverAddress}\n`);
  for (const [name, file] of Object.entries({ ...commands, sixhub: commands.hub })) {
    await rm(`/usr/bin/${name}`, { force: true });
    await symlink(`/opt/sixhub/${file}`, `/usr/bin/${name}`);
  }
  for (const place of [
    '/run/sixhub',
    '/etc/acme-dns',
    '/var/lib/acme-dns',
    '/var/lib/acme-dns.old',
    '/etc/letsencrypt',
    '/srv/backup',
  ]) {
    await mkdir(place, { recursive: true });
  }
  await writeFile('/root/backup.pass', `${passphrase}\n`, { mode: 0o600 });
  await runTool('age-keygen', ['-o', '/root/backup.key']);
  // The store is this machine, too.
  const asked = '[ "$1" = -F ] && exec /usr/bin/ssh "$@"'; // what its configuration says
  const ssh = `#!/bin/sh\n${asked}\nshift\nexec sh -c "$*"\n`;
  await writeFile('/usr/local/bin/ssh', ssh, { mode: 0o755 });
  // The log of the hub that was started last.
  await writeFile(
    '/usr/local/bin/journalctl',
    `#!/bin/sh\ncat "$(ls -t ${lab.directory}/started-* | head -n 1)"\n`,
    { mode: 0o755 },
  );
  const old = join(lab.directory, 'go.db');
  const database = new Database(old);
  database.exec(goTables);
  database
    .prepare('INSERT INTO records VALUES (?, ?, ?, ?)')
    .run('eabcdb41-d89f-4580-826f-3e62e9755ef2', '$2a$10$unusable', account, '[]');
  database.close();
  await copyFile(old, '/var/lib/acme-dns.old/acme-dns.db');
  await writeFile('/etc/acme-dns/config.cfg', acmeDnsConfig);
}

const acmeDnsConfig = `[general]
listen = "${acmeDnsAddress}:53"
protocol = "both"
domain = "auth.example.org"
nsname = "auth.example.org"
nsadmin = "admin.example.org"
records = ["auth.example.org. A ${acmeDnsAddress}"]

[database]
engine = "sqlite3"
connection = "/var/lib/acme-dns/acme-dns.db"

[api]
ip = "${acmeDnsAddress}"
port = "8053"

[logconfig]
loglevel = "info"
`;

async function amend(
  resolver: string,
  authorities: Readonly<Record<string, Pebble>>,
): Promise<void> {
  const file = '/etc/sixhub/hub.toml';
  const text = await readFile(file, 'utf8');
  if (text.includes('[resolver]')) return;
  const [first, ...more] = Object.entries(authorities).map(
    ([name, { directory, httpsCertificate }]) =>
      `name = "${name}"\ndirectory = "${directory}"\ntrust = "${httpsCertificate}"\n`,
  );
  const amended = text
    .replace('listen = ["[::]:53"]', `listen = ["[::]:53", "[::]:${ports.dns}"]`)
    .replace('name = "letsencrypt"\n', first ?? '');
  await writeFile(
    file,
    [
      amended,
      ...more.map((lines) => `[[authority]]\n${lines}`),
      `[resolver]\nservers = ["${resolver}"]\nname_server_port = ${ports.dns}\n`,
      // A pager that takes everything, in place of a mail server.
      '[[notify.command]]\nname = "mail"\ncommand = ["/usr/bin/true"]\n',
    ].join('\n'),
  );
}

/** The system's resolver is asked at port 53; ours answers at another. */
async function forwardDns(from: string, to: string): Promise<AsyncDisposable> {
  const front = createSocket('udp4');
  front.on('message', (query, asker) => {
    const back = createSocket('udp4');
    back.once('message', (answer) => {
      front.send(answer, asker.port, asker.address);
      back.close();
    });
    back.on('error', () => back.close());
    back.send(query, ports.dns, to);
  });
  await new Promise<void>((resolve) => {
    front.bind(53, from, resolve);
  });
  return {
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        front.close(() => resolve());
      }),
  };
}
