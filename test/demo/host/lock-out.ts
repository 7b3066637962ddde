import { SixhubError } from '@sixhub/base';
import { hostNet, until } from '../../lab/host-network.js';
import { only } from '../excerpt.js';
import { watchAbsence } from './absence.js';
import { pictureOf } from './merlin.js';
import { mustShow } from './person.js';
import { ssh, type Scene } from './scene.js';

/** Two digits are wrong, and all is well for who is not outside: no look at the host itself can find that. */
const mistaken = { address4: '45.67.90.11', host6: '::3' } as const;
const right = { address4: hostNet.host4, host6: '::2' } as const;

const mistakeAddresses = exchange(right, mistaken);
export const correctAddresses = exchange(mistaken, right);

const journal = '/var/lib/sixhub-hostcore/0002/journal';

export async function lockEverybodyOut(scene: Scene): Promise<void> {
  const { stage, you, merlin, ground } = scene;
  stage.heading('A mistake that locks everybody out');
  stage.say('Two digits are wrong: these are the addresses of the server beside it.');
  await merlin.type(mistakeAddresses);
  stage.say('Every daemon takes that. The plan warns; but tonight nobody reads the plan:');
  const warned = await you.type(`${ssh} hostcore plan`, { edit: only(/ENDS/, /host\.toml line/) });
  mustShow(warned, /SSH session \(to \S+\) ENDS/, 'the plan warns');
  const before = await pictureOf(ground.host);
  const seconds = await beLockedOut(scene);
  stage.say(`It was away for ${seconds.toFixed(1)} s, and came back by itself. It wrote down why:`);
  const told = await you.type(`${ssh} cat ${journal}`, { edit: inShort });
  mustShow(told, /undoing: nobody confirmed in time[^]*undone$/m, 'nobody confirmed');
  mustBeSame(before, await pictureOf(ground.host));
  stage.say('Compared: each file of /etc, addresses, routes, rules and services are as before.');
}

function mustBeSame(before: string, after: string): void {
  const [was, is] = [before.split('\n'), after.split('\n')];
  const differs = [
    ...was.filter((line) => !is.includes(line)).map((line) => `- ${line}`),
    ...is.filter((line) => !was.includes(line)).map((line) => `+ ${line}`),
  ];
  if (differs.length === 0) return;
  throw new SixhubError({
    code: 'not-proven',
    fact: 'not everything is as it was before',
    hint: differs.join('\n  '),
  });
}

/** The seconds for which merlin did not answer. */
async function beLockedOut({ stage, signal, you, ground }: Scene): Promise<number> {
  await using absence = watchAbsence(ground.provider, hostNet.host4);
  const terminal = await you.leaveRunning(
    `${ssh} hostcore apply --confirm-within 8s`,
    () => absence.hasBegun(), // what is said last may not come through any more
    only(/^Armed/),
  );
  stage.say('That connection is dead. From outside:');
  for (const address of [hostNet.host4, `${hostNet.prefix}::2`]) {
    const asked = await you.type(`ping -c 1 -W 1 ${address} | grep packets`);
    mustShow(asked, /100% packet loss/, `${address} does not answer`);
  }
  const heard = await terminal.log();
  await you.type(`${ssh} hostcore confirm`, { code: 255 });
  if ((await terminal.log()) !== heard) throw new Error('the connection was not dead');
  stage.say('Nobody can confirm. Nobody has to do anything either:');
  const seconds = await absence.ended(signal);
  const answered = await you.type(`ping -c 1 -W 1 ${hostNet.host4} | grep packets`);
  mustShow(answered, / 0% packet loss/, 'merlin answers again');
  await until(ground.host, 'tail', ['-n', '1', journal], /undone$/m);
  await terminal.kill();
  return seconds;
}

/** The turning points, and the time of day alone. */
function inShort(line: string): string | undefined {
  const matters = /Z verified|waiting|undoing|replace 45|Z undone/.test(line);
  return matters ? line.replace(/^\S+T(\S+)\.\d+Z/, '$1') : undefined;
}

type Addresses = Readonly<Record<'address4' | 'host6', string>>;

function exchange(from: Addresses, to: Addresses): string {
  const script = `s/${from.address4}/${to.address4}/; s/${from.host6}"/${to.host6}"/`;
  return `sed -i '${script}' /etc/sixhub/host.toml`;
}
