import { randomBytes } from 'node:crypto';
import type { Asker } from './ask.js';
import type { Draft } from './draft.js';

/** VMs with their addresses, and which of them answers port 53. */
export async function askMachines(asker: Asker, draft: Draft): Promise<void> {
  for (const address of draft.orphans()) await askOwner(asker, draft, address);
  await askVms(asker, draft);
  await askRelay(asker, draft);
}

async function askOwner(asker: Asker, draft: Draft, address: string): Promise<void> {
  const names = draft.vms();
  if (names.length === 0) return;
  const owner = await asker.ask(
    `VM that has the IPv4 address ${address}: ${names.join(', ')} (empty: not known)`,
    '',
  );
  if (names.includes(owner)) draft.settle(address, owner);
  else if (owner !== '') {
    process.stderr.write(`  there is no VM '${owner}': ${address} is kept as a route\n`);
  }
}

async function askVms(asker: Asker, draft: Draft): Promise<void> {
  for (;;) {
    const name = await asker.ask('Name of a further VM (empty: no more)', '');
    if (name === '') return;
    const mac = await asker.ask(`MAC address of ${name}`, freshMac());
    draft.set(`vm.${name}`, 'mac', mac);
    const wrong = told(draft.complaintsOf(`vm.${name}`));
    if (wrong) draft.remove(`vm.${name}`);
    else await askOwnIpv4(asker, draft, name);
  }
}

/** The prefix of QEMU and KVM. */
function freshMac(): string {
  const own = randomBytes(3).toString('hex');
  return `52:54:00:${own.replaceAll(/(..)(?=.)/g, '$1:')}`;
}

async function askOwnIpv4(asker: Asker, draft: Draft, name: string): Promise<void> {
  if (draft.get('ipv4', 'address') === '') return;
  for (let tries = 0; tries < 3; tries++) {
    const question = `IPv4 address that the provider routes here for ${name} (empty: none; most need none)`;
    const address = await asker.ask(question, '');
    draft.set(`vm.${name}`, 'ipv4', address === '' ? undefined : address);
    if (told(draft.complaintsOf(`vm.${name}.ipv4`))) continue;
    if (address === '') return;
    const networks = draft.get('ipv4', 'networks').split(', ').filter(Boolean);
    draft.set('ipv4', 'networks', [...new Set([...networks, `${address}/32`])]);
    return;
  }
  draft.set(`vm.${name}`, 'ipv4', undefined);
}

async function askRelay(asker: Asker, draft: Draft): Promise<void> {
  if (!draft.has('nat64') || draft.vms().length === 0) return;
  for (let tries = 0; tries < 3; tries++) {
    const question =
      "VM that answers port 53 of the host's IPv4 address, a name server with IPv6 alone (empty: none)";
    const to = await asker.ask(question, draft.get('relay', 'to'));
    if (to === '') break;
    draft.set('relay', 'to', to);
    if (!told(draft.complaintsOf('relay'))) return;
    draft.remove('relay');
  }
  draft.remove('relay');
}

/** Chapter 12 of the guide: further cards, and who is told what there. */
export async function askLinks(asker: Asker, draft: Draft): Promise<void> {
  for (;;) {
    const device = await asker.ask('Further card, towards other hosts (empty: no more)', '');
    if (device === '') return;
    const table = `link.${/^[\w-]+$/.test(device) ? device : JSON.stringify(device)}`;
    const list = async (key: string, question: string): Promise<void> => {
      const answer = await asker.ask(
        `${question}, with commas (empty: none)`,
        draft.get(table, key),
      );
      const values = answer.split(/[\s,]+/).filter(Boolean);
      draft.set(table, key, values.length === 0 ? undefined : values);
    };
    await list('addresses', `Addresses of the host on ${device}, each with its length`);
    await list('announce', `Networks that the others on ${device} are to reach through this host`);
    const accept = await asker.ask(`Take the routes that the others on ${device} announce`, 'no');
    draft.set(table, 'accept', /^y/i.test(accept));
    if (told(draft.complaintsOf(`link.${device}`))) draft.remove(table);
  }
}

function told(complaints: readonly string[]): boolean {
  if (complaints.length > 0) process.stderr.write(`  ${complaints.join('\n  ')}\n`);
  return complaints.length > 0;
}
