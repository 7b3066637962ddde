import { readFile } from 'node:fs/promises';
import {
  applied,
  hostNet,
  openGround,
  openLab,
  until,
  usual,
  type Ground,
  type HostMachine,
} from '@sixhub/test/lab';
import { spread } from './median.js';

/**
 * From a provider's fresh network to the whole, by `hostcore apply` and by hand; and how soon a host is reached again whose
 * address was mistyped.
 */
export async function benchHostApply(turns: number, print: (line: string) => void): Promise<void> {
  await using lab = await openLab();
  const ground = await openGround(lab, usual);
  const [byApply, byHand, back] = [[] as number[], [] as number[], [] as number[]];
  for (let turn = 0; turn < turns; turn++) {
    byHand.push(await startByHand());
    byApply.push(await timed(() => must(ground, 3, 'apply', '--no-wait')));
    back.push(await timed(() => must(ground, 0, 'rollback')));
  }
  const beyond = byApply.map((took, turn) => took - (byHand[turn] ?? Number.NaN));
  const ms = { unit: ' ms' };
  print(
    `hostcore apply --no-verify of a fresh host, ${turns} turns, beside the daemons started by hand`,
  );
  print(`  apply ${spread(byApply, ms)}, by hand ${spread(byHand, ms)}`);
  print(`  beyond what the daemons need: ${spread(beyond, ms)}, under 3000 wanted`);
  print(`  taken back by hand, the whole command: ${spread(back, ms)}`);

  await applied(ground);
  const late: number[] = [];
  for (let turn = 0; turn < turns; turn++) late.push(await mistype(ground));
  print(`an address mistyped, ${turns} times: nobody reaches the host, and nobody confirms`);
  print(
    `  reached by SSH's port ${spread(late, ms)} after the time that was given, under 5000 wanted`,
  );
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const since = performance.now();
  await work();
  return performance.now() - since;
}

async function must(ground: Ground, code: number, ...words: readonly string[]): Promise<void> {
  const ended = await ground.hostcore(...words);
  if (ended.code !== code) throw new Error(`${words.join(' ')}: ${ended.code} ${ended.stderr}`);
}

/**
 * The same files on a host of its own, by somebody who knows every step, checks nothing and keeps nothing; the files lie ready.
 */
async function startByHand(): Promise<number> {
  await using lab = await openLab();
  const { host } = await openGround(lab, usual);
  const rendered = await host.hostcore('render', '-o', '/run/rendered');
  if (rendered.kind !== 'exited' || rendered.code !== 0) throw new Error('not rendered');
  return await timed(async () => {
    await host.shell(`
      cp -r /run/rendered/etc/. /etc/
      rm /etc/netplan/01-netcfg.yaml
      netplan generate
      networkctl reload
      systemctl enable --now sixhub-nftables sixhub-tayga`);
    await until(host, 'ip', ['-6', '-o', 'address', 'show', 'dev', 'br0'], /2a01:\S+\/64/);
    await host.shell(
      'sysctl -q -p /etc/sysctl.d/90-sixhub.conf; systemctl restart named; systemctl restart radvd',
    );
  });
}

/** How long after its deadline the host answers at its own address again, in milliseconds. */
async function mistype(ground: Ground): Promise<number> {
  const { host, provider } = ground;
  const seconds = 3;
  await ground.describe(usual.replace(hostNet.host4, '45.67.90.11'));
  await must(ground, 3, 'apply', '--no-wait', '--confirm-within', `${seconds}s`);
  const deadline = await endsAt(host);
  if (await answers(provider)) throw new Error('the host is still reached where it was');
  while (!(await answers(provider))) {
    if (performance.now() > deadline + 60_000) throw new Error('not reached any more');
  }
  const late = performance.now() - deadline;
  await until(host, 'sh', ['-c', `ls ${state}/unconfirmed 2>&1`], /No such file/);
  await ground.describe(usual);
  return late;
}

const state = '/run/sixhub-hostcore';

/** The countdown's end, on this process' clock. */
async function endsAt(host: HostMachine): Promise<number> {
  const newest = (await host.shell(`ls -d ${state}/0* | tail -n 1`)).trim();
  const text = await host.shell(`cat ${newest}/apply.json`);
  const at = Number(/"endsAt": ([\d.]+)/.exec(text)?.[1]);
  const now = Number((await readFile('/proc/uptime', 'utf8')).split(' ')[0]);
  return performance.now() + (at - now) * 1000;
}

/** SSH's port, from the provider's side: one try, a tenth of a second. */
async function answers(provider: HostMachine): Promise<boolean> {
  const script = `timeout 0.1 bash -c 'exec 3<>/dev/tcp/${hostNet.host4}/22'`;
  const ended = await provider.run('/bin/sh', ['-c', script]);
  return ended.kind === 'exited' && ended.code === 0;
}
