import type { Host, Vm } from '../host.js';
import { formatAddress } from '../ip-address.js';
import { hostNetwork, sameNetwork } from '../ip-network.js';
import { findingsAbout, type VerifyFinding } from './finding.js';
import type { Seen, StrangerSeen } from './seen.js';

const { ok, wrong, doubtful, notTested } = findingsAbout('machines');

/** Each VM where host.toml has it: by its derived address from the bridge, and from outside. */
export function judgeMachines(host: Host, seen: Seen): readonly VerifyFinding[] {
  return host.vms.flatMap((vm) => [
    judgeVm(host, vm, seen),
    ...(vm.ipv4 === undefined ? [] : [judgeIpv4(host, vm, seen)]),
    ...judgeInward(vm, seen),
  ]);
}

function judgeVm({ inside }: Host, { name, mac, address }: Vm, seen: Seen): VerifyFinding {
  const { client, kernel } = seen;
  const id = `vm:${name}`;
  const at = formatAddress(address);
  if (client.kind === 'blind') return notTested(id, `${name} was not looked for.`, client.why);
  const found = client.value.machines.get(name);
  if (found?.mac !== undefined && found.mac !== mac) {
    return wrong(id, `${at} is answered by ${found.mac}, not by ${name} (${mac}).`, {
      cause: 'Another machine has its address, or it has got another card.',
      remedy: `Find ${found.mac} with \`bridge fdb show br ${inside.device}\`, or correct vm.${name}.mac.`,
    });
  }
  if (found?.echo === true) return ok(id, `${name} answers at ${at}.`);
  if (found?.mac === mac) {
    return ok(
      id,
      `${name} has ${at}: it answers for it (neighbour discovery), not to echo requests.`,
    );
  }
  const port = kernel.ports.get(mac);
  return port === undefined
    ? wrong(id, `${name} does not answer at ${at}.`, {
        cause: `Its MAC address ${mac} was not heard on ${inside.device}: it is off, has another card, or is on another bridge.`,
        remedy: `\`virsh domstate ${name}\`, \`virsh domiflist ${name}\`.`,
      })
    : wrong(id, `${name} does not answer at ${at}.`, {
        cause: `It is there (${mac} was heard behind ${port}), but has not this address: it does not configure itself, or not by its MAC address (privacy extensions, RFC 7217).`,
        remedy: `Give it what lies in /etc/sixhub/guests/${name}; \`ip -6 address\` there shows what it has.`,
      });
}

/** What comes from outside is let through to it, and its answer back. */
function judgeInward({ name, address }: Vm, { stranger, client }: Seen): readonly VerifyFinding[] {
  if (stranger.kind === 'blind' || client.kind === 'blind') return [];
  const echoed = client.value.machines.get(name)?.echo === true;
  if (!echoed || stranger.value.ipv6.get(name) !== false) return [];
  const cause =
    client.value.adverts.length === 0 && client.value.deaf === undefined
      ? 'It answers on the bridge; nobody advertises a router, so that it may have none any more.'
      : `It answers on the bridge, and not to ${as(stranger.value)}: forwarding is off, it has another router, or rules drop what comes in.`;
  const remedy = 'See advertisement and forwarding, and the rules of the host and of the VM.';
  const what = `${name} is not reached from outside at ${formatAddress(address)}.`;
  return [wrong(`vm-inward:${name}`, what, { cause, remedy })];
}

function judgeIpv4(host: Host, vm: Vm, seen: Seen): VerifyFinding {
  const { stranger, kernel } = seen;
  const { name, ipv4, mac } = vm;
  const id = `vm-ipv4:${name}`;
  if (ipv4 === undefined) throw new Error('judged without an IPv4 address');
  const at = formatAddress(ipv4);
  if (stranger.kind === 'blind') {
    return notTested(id, `${name}'s ${at} was not tried.`, stranger.why);
  }
  const echoed = stranger.value.ipv4.get(name);
  if (echoed === undefined) {
    return notTested(id, `${name}'s ${at} was not tried.`, 'The host itself has no IPv4.');
  }
  if (echoed) return ok(id, `${name} is reached at ${at}, and its answers come back.`);
  const what = `${name} is not reached at ${at}.`;
  const { device } = host.inside;
  const route = kernel.routes.find(({ to }) => sameNetwork(to, hostNetwork(ipv4)));
  if (route?.device !== device) {
    const cause =
      route === undefined
        ? `The host has no route for ${at} to ${device}.`
        : `The host's route for ${at} leads to ${route.device ?? 'nowhere'}, not to ${device}.`;
    return wrong(id, what, {
      cause,
      remedy: `\`ip route replace ${at} dev ${device}\` now; \`hostcore plan\` shows what lasts.`,
    });
  }
  if (kernel.sysctls.get('net/ipv4/ip_forward') === '0') {
    const cause = 'IPv4 forwarding is off (net.ipv4.ip_forward = 0).';
    return wrong(id, what, { cause, remedy: '`sysctl -p /etc/sysctl.d/90-sixhub.conf`.' });
  }
  const heard = stranger.value.neighbours.get(at);
  if (heard === mac) {
    return doubtful(id, `${name} answers for ${at} (ARP), and not to echo requests from outside.`, {
      cause: 'Its firewall drops them, or its answers go to another router than the host.',
      remedy: `Its default route must lead to this host: see /etc/sixhub/guests/${name}.`,
    });
  }
  const cause =
    heard === undefined
      ? `Nobody on ${device} answers for ${at}: the VM is off, or has not this address.`
      : `${heard} answers for ${at}, not ${name} (${mac}).`;
  return wrong(id, what, { cause, remedy: `Give it what lies in /etc/sixhub/guests/${name}.` });
}

function as({ addresses }: StrangerSeen): string {
  return formatAddress(addresses[0] ?? { family: 6, bits: 0n });
}
