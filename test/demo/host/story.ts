import type { Lab } from '../../lab/index.js';
import { hostNet, startVms, until } from '../../lab/host-network.js';
import { openConsole } from '../console.js';
import { only } from '../excerpt.js';
import type { Stage } from '../stage.js';
import { correctAddresses, lockEverybodyOut } from './lock-out.js';
import { openMerlin, takeResolver } from './merlin.js';
import { mustShow, personAt } from './person.js';
import { ssh, type Scene } from './scene.js';

const [webAddress] = hostNet.vmAddresses;

/** Resolves only if each claim was seen to hold. */
export async function tellHostStory(lab: Lab, stage: Stage, signal: AbortSignal): Promise<void> {
  stage.heading('A server as its provider hands it over, in a small internet');
  stage.say('hostcore makes a host for VMs of it, by one file, and locks nobody out.');
  stage.say('All is in network namespaces. networkd, nft, tayga, BIND, radvd and sshd are real;');
  stage.say('systemctl is a stand-in that starts them. Nothing of this machine is touched.');
  const ground = await openMerlin(lab);
  signal.throwIfAborted();
  const seat = { stage, signal, console: openConsole(stage, signal) };
  const scene = {
    ...{ stage, signal, ground },
    you: personAt(ground.provider, 'you $', seat),
    merlin: personAt(ground.host, 'merlin #', seat),
    web: personAt(ground.vms[0], 'web #', seat),
  };
  await lookAround(scene);
  await describe(scene);
  await plan(scene);
  await apply(scene);
  await useTheVm(scene);
  await verify(scene);
  await lockEverybodyOut(scene);
  await later(scene);
}

async function lookAround({ stage, web, merlin }: Scene): Promise<void> {
  stage.say('merlin has one card, one IPv4 address and one IPv6 /64; you reach it by SSH alone:');
  const addresses = await merlin.type('ip -brief address show dev eno1');
  mustShow(addresses, new RegExp(`${hostNet.host4}/32`), 'merlin has its IPv4 address');
  stage.say('web is a VM on it that shall have IPv6 alone. Now it has nothing:');
  mustShow(await web.type('ip -brief address show dev ens3'), /DOWN\s*$/, 'the VM has no address');
}

async function describe({ stage, merlin }: Scene): Promise<void> {
  stage.heading('What merlin shall be, in one file');
  await merlin.type('cat /etc/sixhub/host.toml');
  await merlin.type('hostcore lint', { edit: only(/^(note|warning|error)/) });
}

async function plan({ stage, you }: Scene): Promise<void> {
  stage.heading('What would change, and whether it cuts your SSH session');
  const shown = await you.type(`${ssh} hostcore plan`, {
    edit: only(/^merlin would/, /^ {2}[-+~] (link bridge|address|rules)/, /^This SSH session/),
  });
  mustShow(shown, /SSH session \(to \S+\) is not cut/, 'this change cuts nobody off');
}

async function apply({ stage, you, ground }: Scene): Promise<void> {
  stage.heading('Applied over SSH, and kept by somebody who can still come in');
  stage.say('In one terminal (the VMs start as soon as there is a bridge, as by libvirt):');
  const some = only(/^Armed|^not right|^Done/, /ip link add|now sixhub-tayga|restart radvd/);
  let isStarted = false;
  await you.leaveRunning(
    `${ssh} hostcore apply`,
    async (said) => {
      // Early enough to hear radvd's first word.
      if (!isStarted && /ip link set dev br0 up/.test(said)) {
        isStarted = true;
        await startVms(ground);
      }
      return /NEW connection/.test(said);
    },
    some,
  );
  stage.say('There it waits, while systemd (in here, a process) counts down. In another terminal:');
  const confirmed = await you.type(`${ssh} hostcore confirm`);
  mustShow(confirmed, /Confirmed: number 1 is in force/, 'the change was confirmed');
}

async function useTheVm({ stage, web, ground }: Scene): Promise<void> {
  stage.heading('The VM, with IPv6 alone');
  const [vm] = ground.vms;
  const has = new RegExp(`${webAddress}/64`);
  await until(vm, 'ip', ['-6', 'address', 'show', 'dev', 'ens3'], has);
  const resolver = await takeResolver(vm);
  const addresses = await web.type('ip -brief address show dev ens3');
  mustShow(addresses, has, 'the VM has the address that follows from its MAC address');
  stage.say(
    'Nobody configured it: address and router came by advertisement, as did the name server',
  );
  stage.say(
    `${resolver}, which the demonstration wrote into resolv.conf, as networkd does in a VM.`,
  );
  const six = await web.type('curl -s http://v6only.lab/');
  mustShow(six, new RegExp(`asked by ${webAddress}`), 'the VM reaches a server by IPv6');
  stage.say('Now a server that has IPv4 alone. DNS64 makes an address for it; NAT64 leads there:');
  const made = await web.type('getent hosts v4only.lab');
  mustShow(made, /^64:ff9b::2d43:5950\s/, `DNS64 makes an address of ${hostNet.web4}`);
  const four = await web.type('curl -s http://v4only.lab/');
  mustShow(four, new RegExp(`asked by ${hostNet.host4}`), 'the VM reaches a server by IPv4');
}

async function verify({ stage, merlin }: Scene): Promise<void> {
  stage.heading('The same, proven by packets: a client on the bridge, and a stranger outside');
  const proven = await merlin.type('hostcore verify', {
    edit: only(/IPv4 alone|not serve|reaches|web answers|MAC address/, /WRONG|look|\?/, / wrong,/),
  });
  mustShow(proven, /^merlin: \d+ ok, 0 wrong/m, 'everything works');
}

async function later({ stage, merlin }: Scene): Promise<void> {
  stage.heading('host.toml is put right; and one day somebody changes things by hand');
  await merlin.type(correctAddresses);
  mustShow(await merlin.type('hostcore apply'), /^Nothing to do/, 'nothing is left to do');
  await merlin.type(`sed -i 's/Interval 4/Interval 40/' /etc/radvd.conf`);
  await merlin.type('nft delete table ip sixhub_nat');
  stage.say('A timer tells monitoring:');
  const drifted = await merlin.type('hostcore drift', { code: 1 });
  mustShow(
    drifted,
    /radvd\.conf: edited by hand[^]*sixhub_nat: missing/,
    'what was done by hand is found',
  );
}
