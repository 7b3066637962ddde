import { mkdir, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { flatCommands } from '@sixhub/base';
import type { Fact } from '../lab/index.js';
import { freshNetplan, hostToml } from './host-toml.js';
import type { Reaction } from './at-prompt.js';
import { programs } from './programs.js';
import type { Ran } from './ran.js';
import { acmeDnsReady, hubReady, type World } from './world.js';

/** Every example of every command, in the order of the declarations, each as it is typed. */

interface Care {
  /** What must be so before, which the example takes for granted. */
  readonly before?: (world: World) => Promise<unknown>;
  readonly after?: (world: World) => Promise<unknown>;
  readonly reactions?: (world: World) => readonly Reaction[];
  /** It runs until it is stopped, and is ready then. */
  readonly serves?: Fact;
  /** How it ends here, and why not as declared. */
  readonly ends?: readonly [code: number, why: string];
}

const invite = async (world: World): Promise<string> => {
  const screen = await world.mustType(`hub agent add machine-${Date.now()} --cert example.org`);
  return /^sixhub1\.\S+$/m.exec(screen)?.[0] ?? '';
};

const writeHostToml = async (): Promise<void> => {
  await mkdir('/etc/sixhub', { recursive: true });
  await writeFile('/etc/sixhub/host.toml', hostToml);
};

const backupKeys = (world: World): Promise<string> =>
  world.mustType('age-keygen -y backup.key > /etc/sixhub/backup.keys');

/** As a machine is on which there is no hub yet. */
const emptied = async (world: World, backup: string): Promise<void> => {
  await world.mustType(`rm -f hub.age && ${backup}`);
  await world.stop('hub serve');
  await rm('/var/lib/sixhub', { recursive: true });
};
const serveAgain = (world: World): Promise<void> => world.start('hub serve', hubReady);

/** By the hub's own word, at its socket. */
const isHeld: Fact = {
  says: 'an agent waits at the hub for news',
  holds: () =>
    new Promise((resolve) => {
      request({ socketPath: '/run/sixhub/hub.sock', path: '/metrics', agent: false }, (answer) => {
        void text(answer).then((body) =>
          resolve(body.includes('sixhub_agents{state="waiting"} 1')),
        );
      })
        .on('error', () => resolve(false))
        .end();
    }),
};

/** A machine `web` that waits, so that it is there when its key is wanted. */
const letWebWait = async (world: World): Promise<void> => {
  const screen = await world.mustType('hub agent add web');
  const token = /^sixhub1\.\S+$/m.exec(screen)?.[0] ?? '';
  await world.mustType('hub-agent enroll', [
    { to: /Paste the join token/, by: () => `${token}\n\u0004` },
  ]);
  await world.start('hub-agent watch', isHeld);
};
const letWebGo = async (world: World): Promise<void> => {
  await world.stop('hub-agent watch');
  await world.mustType('hub agent remove web');
  await rm('/var/lib/sixhub-agent', { recursive: true });
  // What is there later is certbot's.
  for (const part of ['live', 'sixhub'])
    await rm(`/etc/letsencrypt/${part}/example.org-web`, { recursive: true });
};

const care: Readonly<Record<string, Care>> = {
  'hub init': { after: (world) => world.amendHubToml() },
  'hub serve': { serves: hubReady },
  'hub issue example.org --key-on web --as example.org-web': {
    before: letWebWait,
    after: letWebGo,
  },
  'hub show': { before: (world) => world.mustType('hub issue mail.example.org') },
  'hub agent install root@mail.example.org --cert example.org': {
    before: (world) => world.letSshMachine(),
  },
  'hub push install': { ends: [1, 'no mail server runs there'] },
  'hub push run': { ends: [1, 'no mail server runs there'] },
  'hub backup': { before: backupKeys },
  'hub restore hub.age': {
    before: (world) => emptied(world, 'hub backup hub.age && rm /etc/sixhub/hub.toml'),
    after: serveAgain,
  },
  'hub restore hub.age --identity backup.key --keep-config': {
    before: (world) => emptied(world, 'hub backup hub.age -R /etc/sixhub/backup.keys'),
    after: serveAgain,
  },
  'hub import /etc/letsencrypt --dry-run': { before: (world) => world.letCertbot() },
  'hub ca finish': {
    // A join token that is open keeps the change from being finished by itself meanwhile.
    before: (world) => invite(world).then(() => world.type('hub ca rotate')),
  },
  'hub rollout example.org --continue': { ends: [1, 'no rollout is stopped here'] },
  'hub notify silence': { ends: [1, 'no agent is silent here'] },
  'hub-agent enroll': {
    reactions: (world) => [
      {
        to: /Paste the join token/,
        by: async () => `${await invite(world)}\n\u0004`,
      },
    ],
  },
  'hub-agent enroll --token-file /root/join-token': {
    before: async (world) => {
      await rm('/var/lib/sixhub-agent', { recursive: true });
      await writeFile('/root/join-token', await invite(world));
    },
  },
  'hub-agent watch': { serves: isHeld, after: (world) => world.stop('hub-agent watch') },
  'hostcore init': {
    before: async () => {
      await mkdir('/etc/netplan', { recursive: true });
      await writeFile('/etc/netplan/01-netcfg.yaml', freshNetplan);
    },
    // An empty line for each: what was found is taken.
    reactions: () => [{ to: /[^\n]+: $/, by: () => '' }],
  },
  // On a host with a network of its own: test/e2e/hostcore/apply.
  'hostcore apply --dry-run': { before: () => writeHostToml() },
  'hostcore apply': { ends: [3, 'no emulator for VMs is installed'] },
  'hostcore confirm': { ends: [1, 'nothing waits for confirmation'] },
  'hostcore rollback 3': { ends: [2, 'there is no apply 3'] },
  'hostcore lint': {
    before: () => writeHostToml(),
    ends: [1, 'this machine has no card eno1'],
  },
  'hostcore verify': { ends: [1, 'this machine has no bridge; test/e2e/hostcore has one'] },
  'hostcore drift': {
    before: () => mkdir('/var/lib/prometheus/node-exporter', { recursive: true }),
    ends: [1, 'nothing of it was made on this machine'],
  },
  'acme-dns serve': {
    before: (world) => world.mustType('acme-dns import /var/lib/acme-dns.old/acme-dns.db'),
    serves: acmeDnsReady,
  },
  'acme-dns import': {
    before: () => rm('/var/lib/acme-dns/acme-dns.db', { force: true }),
  },
  // The one before removed it.
  'acme-dns accounts rotate': {
    before: (world) => world.mustType('acme-dns import /var/lib/acme-dns.old/acme-dns.db'),
  },
  'acme-dns check': {
    ends: [1, 'its zone is delegated by nobody here'],
  },
};

export async function* runExamples(world: World): AsyncGenerator<Ran> {
  for (const program of await programs()) {
    for (const [path, command] of flatCommands(program)) {
      for (const { line, exit } of command.examples) {
        const { before, after, reactions, serves, ends } = care[line] ?? care[path] ?? {};
        await before?.(world);
        if (serves === undefined) {
          const ran = await world.type(line, reactions?.(world));
          yield { ...ran, exit: ends?.[0] ?? exit ?? 0 };
          if (!line.includes('completion') && !line.includes('|')) yield* asJson(world, line);
        } else {
          await world.start(line, serves);
          yield { line, code: 0, screen: '', exit: 0 };
        }
        await after?.(world);
      }
    }
  }
}

/** Once more for programs. Some can't be done twice, and say so: in JSON, too. */
async function* asJson(world: World, line: string): AsyncGenerator<Ran> {
  const { screen } = await world.type(`${line} --json 2>/dev/null </dev/null`);
  const lines = screen.trimEnd().split('\n');
  const good = lines.every(isDocument);
  yield { line: `${line} --json`, code: good ? 0 : 1, screen, exit: 0 };
}

function isDocument(line: string): boolean {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null;
  } catch {
    return false; // it is for people
  }
}
