import { expect, test } from 'vitest';
import { openLab, programFile } from '../../../lab/index.js';
import { until } from '../../../lab/host-network.js';
import { openGround, stateOf, usual, type Ground } from '../../../lab/host-ground.js';
import { writeLabFile } from '../../../lab/host-machine.js';
import type { Fact } from '../../../lab/fact.js';

/**
 * The ways in which `netplan try` fails, each shown with the real one first, and then that `hostcore apply` does not. That a
 * reboot in the countdown leaves it with the new files is in test/debian, where there is something that boots.
 */
interface Way {
  readonly name: string;
  /** What netplan does, and should not. */
  readonly netplan: (ground: Ground) => Promise<void>;
  readonly ours: (ground: Ground) => Promise<void>;
}

const ways: readonly Way[] = [
  {
    name: 'not confirmed: its file stays, and so does the bridge that it made',
    async netplan(ground) {
      await newFile(ground, plainBridge);
      const { stdout } = await atTerminal(ground, 'netplan try --timeout 2');
      expect(stdout).toContain('Reverting.');
      expect(await left(ground)).toMatch(/^\/etc\/netplan\/90-new.yaml\n.*br0/);
    },
    ours: allComesBack,
  },
  {
    name: 'what is beside the network: settings, rules and daemons are none of its business',
    async netplan(ground) {
      await ground.host.shell('sysctl -q -w net.ipv4.ip_forward=1; nft add table inet mine');
      await atTerminal(ground, 'netplan try --timeout 1');
      expect(await ground.host.shell('sysctl -n net.ipv4.ip_forward; nft list tables')).toBe(
        '1\ntable inet mine\n',
      );
    },
    async ours(ground) {
      const { host } = ground;
      const before = await stateOf(host);
      await ground.hostcore('apply', '--no-wait', '--confirm-within', '4s');
      const during = await host.shell(
        'sysctl -n net.ipv4.ip_forward; nft list tables; systemctl is-active named radvd sixhub-tayga',
      );
      expect(during).toMatch(/^1\n(table .* sixhub_\w+\n)+active\nactive\nactive\n$/);
      await undone(ground);
      expect(await stateOf(host)).toBe(before);
    },
  },
  {
    name: 'the SSH session is cut in the countdown: nobody reverts',
    async netplan(ground) {
      await newFile(ground, plainBridge);
      const session = await terminalOverSsh(
        ground,
        'netplan try --timeout 3',
        /Changes will revert/,
      );
      await session.kill();
      await until(ground.host, 'sh', ['-c', `${processes('netplan try')} || echo gone`], /^gone/);
      expect(await left(ground)).toMatch(/90-new.yaml\n.*br0/);
    },
    async ours(ground) {
      const before = await stateOf(ground.host);
      const line = ground.line(['apply', '--confirm-within', '4s']);
      const session = await terminalOverSsh(ground, line, /NEW connection/);
      await session.kill();
      await undone(ground);
      expect(await stateOf(ground.host)).toBe(before);
    },
  },
  {
    name: 'its process is killed in the countdown: nobody reverts',
    async netplan(ground) {
      await newFile(ground, plainBridge);
      await terminalOverSsh(ground, 'netplan try --timeout 3', /Changes will revert/);
      await ground.host.shell('pkill -9 --ns $$ --nslist net -f "[n]etplan try"');
      await until(ground.host, 'sh', ['-c', `${processes('netplan try')} || echo gone`], /^gone/);
      expect(await left(ground)).toMatch(/90-new.yaml\n.*br0/);
    },
    async ours(ground) {
      const before = await stateOf(ground.host);
      const line = ground.line(['apply', '--confirm-within', '4s']);
      await terminalOverSsh(ground, line, /NEW connection/);
      await ground.host.shell('pkill -9 --ns $$ --nslist net -f "[h]ostcore.js apply"');
      await undone(ground);
      expect(await stateOf(ground.host)).toBe(before);
    },
  },
  {
    name: 'a bridge with parameters is refused',
    async netplan(ground) {
      await newFile(ground, `${plainBridge}      parameters: {stp: false, forward-delay: 0}\n`);
      const { code, stdout } = await atTerminal(ground, 'netplan try --timeout 1');
      expect({ code, stdout }).toMatchObject({
        code: 78, // EX_CONFIG
        stdout: expect.stringContaining('custom parameters for bridges and bonds is not supported'),
      });
    },
    async ours(ground) {
      await ground.describe(`${usual}`.replace('release =', 'manager = "netplan"\nrelease ='));
      await allComesBack(ground, async () => {
        const text = await ground.host.shell('cat /etc/netplan/90-sixhub.yaml');
        expect(text).toMatch(/parameters:[\s\S]*stp: false/);
      });
    },
  },
  {
    name: 'without a terminal its time is over at once: nobody can confirm',
    async netplan(ground) {
      await newFile(ground, plainBridge);
      const since = performance.now();
      const { stdout } = await ground.host
        .must('sh', ['-c', 'netplan try --timeout 60 </dev/null'])
        .then((text) => ({ stdout: text }));
      expect(stdout).toContain('Reverting.');
      expect(performance.now() - since).toBeLessThan(30_000);
    },
    async ours(ground) {
      const words = ['apply', '--no-wait', '--confirm-within', '60s'];
      expect(await ground.hostcore(...words)).toMatchObject({ code: 3 });
      expect(await ground.overSsh('confirm')).toMatchObject({ code: 0 });
    },
  },
  {
    name: 'the old connection may confirm, which proves nothing of new ones',
    async netplan(ground) {
      await newFile(ground, plainBridge);
      // Enter, at the very terminal that began it.
      const typed = `(until ls /run/netplan/netplan-try.ready >/dev/null 2>&1; do sleep 0.1; done; echo)`;
      const { stdout } = await over(ground, `${typed} | netplan try --timeout 20`);
      expect(stdout).toContain('Configuration accepted.');
    },
    async ours(ground) {
      const apply = ground.line(['apply', '--no-wait', '--confirm-within', '30s']);
      const answer = await over(ground, `${apply}; ${ground.line(['confirm'])}`);
      expect(answer).toMatchObject({
        code: 3,
        stderr: expect.stringContaining('is older than the change'),
      });
      expect(await ground.overSsh('confirm')).toMatchObject({ code: 0 });
    },
  },
];

test.each(ways)(
  '$name',
  async ({ netplan, ours }) => {
    for (const [who, does] of [
      ['netplan', netplan],
      ['hostcore', ours],
    ] as const) {
      await using lab = await openLab();
      const ground = await openGround(lab);
      // There is no udev in here, which netplan would wait for.
      await ground.host.shell(
        'mount -t tmpfs tmpfs /usr/local/sbin; ln -s /bin/true /usr/local/sbin/udevadm',
      );
      await does(ground).catch((error: unknown) => {
        throw new Error(`${who}: ${String(error)}`, { cause: error });
      });
    }
  },
  90_000,
);

const plainBridge = `network:
  version: 2
  renderer: networkd
  bridges:
    br0:
      addresses: ["2a01:4f8:1:3::9/128"]
      accept-ra: false
`;

async function newFile({ lab, host }: Ground, text: string): Promise<void> {
  const place = await writeLabFile(lab, 'new.yaml', text);
  await host.shell(`install -m 600 ${place} /etc/netplan/90-new.yaml`);
}

function left({ host }: Ground): Promise<string> {
  return host.shell('ls /etc/netplan/90-new.yaml; ip -o link show dev br0');
}

async function allComesBack(ground: Ground, during = async (): Promise<void> => {}): Promise<void> {
  const before = await stateOf(ground.host);
  await ground.hostcore('apply', '--no-wait', '--confirm-within', '4s');
  expect(await stateOf(ground.host)).not.toBe(before);
  await during();
  await undone(ground);
  expect(await stateOf(ground.host)).toBe(before);
}

async function undone({ host }: Ground): Promise<void> {
  await until(host, 'sh', ['-c', 'tail -n 1 /run/sixhub-hostcore/0001/journal'], /undone$/m);
}

function processes(words: string): string {
  return `pgrep --ns $$ --nslist net -f '[${words[0]}]${words.slice(1)}'`;
}

/** At a pseudo-terminal whose person types nothing. */
async function atTerminal(
  { host }: Ground,
  command: string,
): Promise<{ readonly code: number; readonly stdout: string }> {
  const result = await host.run(programFile('script'), ['-qec', command, '/dev/null']);
  if (result.kind !== 'exited') throw new Error(`${command}: ${result.kind}`);
  return result;
}

function terminalOverSsh({ provider, sshWords }: Ground, line: string, says: RegExp) {
  const fact: Fact = { says: String(says), holds: async (log) => says.test(await log()) };
  const ssh = programFile('ssh', 'openssh-client');
  return provider.start('terminal', ssh, ['-tt', ...sshWords(line)], fact);
}

/** One connection for the whole line. */
async function over(
  { provider, sshWords }: Ground,
  line: string,
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const result = await provider.run('ssh', sshWords(line));
  if (result.kind !== 'exited') throw new Error(`${line}: ${result.kind}`);
  return result;
}
