import type { AgentName, CertificateName } from '@sixhub/protocol';
import { afterRevocation } from '../domain/certificate.js';
import type { DnsName } from '../domain/dns-name.js';
import { tooManyAlike } from '../domain/limits.js';
import { noAgent, Refusal } from '../domain/refusal.js';
import type { Authorities } from '../issuance/authorities.js';
import type { Store } from '../store/store.js';

/**
 * Where a certificate's key lives decides who may have the certificate: a key that never leaves its machine is that
 * machine's alone. Each of these throws where a wish would contradict that.
 */

/** Which machine makes the keys now, or with the version that is under way. */
async function keyPlacesOf(name: CertificateName, store: Store): Promise<ReadonlySet<AgentName>> {
  const certificate = await store.certificates.find(name);
  const running = await store.issuances.unfinishedOf(name);
  return new Set([certificate?.keyOn, running?.keyOn].filter((agent) => agent !== undefined));
}

/** Which machine makes the key of the next version, as far as anybody has said. */
export async function nextKeyOn(
  name: CertificateName,
  { certificates, issuances }: Pick<Store, 'certificates' | 'issuances'>,
): Promise<AgentName | undefined> {
  const running = await issuances.unfinishedOf(name);
  return running === undefined ? (await certificates.find(name))?.keyOn : running.keyOn;
}

export async function mayBeGiven(
  name: CertificateName,
  agent: AgentName,
  store: Store,
): Promise<void> {
  for (const place of await keyPlacesOf(name, store)) {
    if (place === agent) continue;
    throw new Refusal(
      'conflict',
      'key-elsewhere',
      `the private key of ${name} is on ${place} and never leaves it, so that ${agent} can't have ${name}`,
      `A certificate of its own for ${agent}: hub issue DOMAIN --as ${name}-${agent} --key-on ${agent}. Or one key for all of them: hub issue DOMAIN --key-at-hub.`,
    );
  }
}

/** Without its machine nothing could come of the certificate any more, unless it has ended. */
export async function mayBeTaken(
  name: CertificateName,
  agent: AgentName,
  store: Store,
): Promise<void> {
  if (!(await keyPlacesOf(name, store)).has(agent)) return;
  if (await hasEnded(name, store)) return;
  throw new Refusal(
    'conflict',
    'key-is-there',
    `the private key of ${name} is on ${agent} and nowhere else`,
    `Not wanted any more: hub revoke ${name} --reason cessationOfOperation. For other machines: hub issue DOMAIN --key-at-hub, whose version has another key.`,
  );
}

/** Revoked so that nothing follows. */
async function hasEnded(name: CertificateName, store: Store): Promise<boolean> {
  const revoked = (await store.certificates.newest(name))?.revoked;
  return revoked !== undefined && afterRevocation[revoked.reason] === 'end';
}

/** Before anything is ordered: nobody else has it, and its authority gives so many of the same names. */
export async function mayLive(
  {
    name,
    names,
    keyOn,
  }: {
    readonly name: CertificateName;
    readonly names: readonly DnsName[];
    readonly keyOn: AgentName;
  },
  { store, authorities }: { readonly store: Store; readonly authorities: Authorities },
): Promise<void> {
  const keeper = await store.agents.find(keyOn);
  if (keeper === undefined) throw noAgent(keyOn);
  if (keeper.pushed) {
    throw new Refusal(
      'conflict',
      'makes-no-keys',
      `${keyOn} is a host that the hub pushes to: no agent runs there that could make a key`,
      `Without --key-on the hub makes the key and pushes it; or bring an agent there: hub agent install USER@HOST.`,
    );
  }
  const others = (await store.agents.having(name)).filter((agent) => agent !== keyOn);
  if (others.length > 0) {
    throw new Refusal(
      'conflict',
      'given-to-others',
      `${name} is given to ${others.join(', ')}, too, and a key on ${keyOn} is there alone`,
      `A certificate of its own: add --as ${name}-${keyOn}. Or take it from them first: hub agent ungrant AGENT ${name}.`,
    );
  }
  const alike = new Set([name]);
  for (const other of await store.certificates.withNames(names)) {
    if (!(await hasEnded(other, store))) alike.add(other);
  }
  const [first, ...more] = authorities
    .all()
    .map(({ name: authority, rules }) => tooManyAlike(alike.size, authority, rules));
  // One that gives enough of them will do.
  if (first === undefined || more.includes(undefined)) return;
  throw new Refusal(
    'conflict',
    'same-names-limit',
    first,
    `Give each machine a name of its own in its certificate (--name ${keyOn}.DOMAIN), which makes the names others; or let machines share a key: without --key-on, one certificate for all of them.`,
  );
}
