import type { DescribedHost, Deployment } from './agent.js';
import type { Alert } from './alert.js';
import { certificateAlert, type CertificateTrouble } from './certificate-alert.js';
import { hostTrouble } from './host-trouble.js';
import { copyRemedy, machinesText, type Presence } from './presence.js';
import { rolloutNeed, type Rollout } from './rollout.js';
import { meanings } from './standing.js';
import type { KnownAlert } from './telling.js';
import type { Watch } from './watch.js';

/** All that the hub knows of what is not as it should be. */
export interface Troubles {
  readonly certificates: readonly CertificateTrouble[];
  readonly delegations: readonly GoneDelegation[];
  readonly deployments: readonly Deployment[];
  readonly rollouts: readonly Rollout[];
  readonly agents: readonly SilentAgent[];
  readonly copies: readonly CopiedAgent[];
  readonly hosts: readonly HostInTrouble[];
  readonly terms: readonly NewTerms[];
}

export interface GoneDelegation {
  readonly domain: string;
  readonly target: string;
  readonly watch: Pick<Watch, 'since' | 'seen' | 'until'>;
}

export interface SilentAgent {
  readonly name: string;
  readonly lastSeenAt: Date;
}

export interface CopiedAgent {
  readonly name: string;
  readonly presence: Presence;
}

/** A physical host, whatever its state. */
export interface HostInTrouble {
  readonly name: string;
  readonly host: DescribedHost;
}

export interface NewTerms {
  readonly authority: string;
  readonly url: string;
  readonly since: Date;
}

/** By an authority's word. */
export interface WrongClock {
  readonly since: Date;
  readonly fact: string;
  readonly fix: string;
}

/**
 * While the clock is wrong every other trouble would be judged by it: what was told goes on to stand, and nothing else
 * begins or is over.
 */
export function alertsByWrongClock(
  { since, fact, fix }: WrongClock,
  before: readonly KnownAlert[],
): readonly Alert[] {
  const told = before.filter(({ stands, toldLevel }) => stands && toldLevel !== undefined);
  return [
    ...told.map(({ alert }) => alert).filter(({ kind }) => kind !== 'clock'),
    {
      ...{ id: 'clock', kind: 'clock', subject: 'this machine', severity: 'critical', level: 0 },
      ...{ cause: 'clock', since, endsAt: undefined },
      headline: "the hub's clock is wrong: nothing is renewed",
      ...{ fact, fix },
    },
  ];
}

export function standingAlerts(troubles: Troubles, now: Date): readonly Alert[] {
  return [
    ...troubles.certificates.flatMap((trouble) => certificateAlert(trouble, now) ?? []),
    ...troubles.delegations.map(delegationAlert),
    ...troubles.deployments.flatMap((deployment) => deploymentAlert(deployment) ?? []),
    ...troubles.rollouts.flatMap((rollout) => rolloutAlert(rollout) ?? []),
    ...troubles.agents.map(agentAlert),
    ...troubles.copies.map(copyAlert),
    ...troubles.hosts.flatMap((one) => hostAlert(one, now) ?? []),
    ...troubles.terms.map(termsAlert),
  ];
}

function delegationAlert({ domain, target, watch }: GoneDelegation): Alert {
  return {
    id: `delegation:${domain}`,
    kind: 'delegation',
    subject: domain,
    severity: 'warning',
    level: 0,
    cause: 'delegation',
    since: watch.since,
    endsAt: watch.until,
    headline: `the CNAME of ${domain} is gone`,
    fact: `${watch.seen}. No renewal can be validated without it`,
    fix: `Create \`_acme-challenge.${domain}. CNAME ${target}.\` again; \`hub doctor ${domain}\` shows where it is missing. Not wanted any more: \`hub revoke NAME --reason cessationOfOperation\`.`,
  };
}

function deploymentAlert(deployment: Deployment): Alert | undefined {
  const { agent, certificate, installed, detail, services, reportedAt } = deployment;
  const [first, ...others] = services.filter(({ state }) => state !== 'serving');
  if (installed && first === undefined) return undefined;
  const bad = first === undefined ? [] : [first, ...others];
  const isDown = bad.some(({ state }) => state === 'not-serving');
  const since = bad.map((service) => service.since).toSorted()[0];
  const names = bad.map(({ service }) => service).join(', ');
  return {
    id: `deployment:${agent}/${certificate}`,
    kind: 'deployment',
    subject: `${agent}/${certificate}`,
    severity: isDown ? 'critical' : 'warning',
    level: isDown ? 1 : 0,
    cause: `deployment ${agent}`,
    since: since === undefined ? reportedAt : new Date(since),
    endsAt: undefined,
    headline:
      first === undefined
        ? `${agent} did not install ${certificate}`
        : `${names} on ${agent} does not serve ${certificate}`,
    fact:
      first === undefined
        ? firstLine(detail)
        : bad
            .map((one) => `${one.service}: ${meanings[one.state].words} (${firstLine(one.detail)})`)
            .join('; '),
    fix: meanings[first?.state ?? 'not-installed'].remedy({
      ...{ agent, certificate, service: first?.service ?? null, isLate: false },
    }),
  };
}

function rolloutAlert(rollout: Rollout): Alert | undefined {
  const need = rolloutNeed(rollout);
  if (need === undefined) return undefined;
  const { certificate, changedAt } = rollout;
  return {
    id: `rollout:${certificate}`,
    kind: 'rollout',
    subject: certificate,
    severity: 'warning',
    level: 0,
    cause: 'rollout',
    since: changedAt,
    endsAt: undefined,
    headline: `the rollout of ${certificate} stopped`,
    fact: `${need.fact}. Agents whose turn had not come keep the version before`,
    fix: need.remedy,
  };
}

function agentAlert({ name, lastSeenAt }: SilentAgent): Alert {
  return {
    id: `agent:${name}`,
    kind: 'agent',
    subject: name,
    severity: 'warning',
    level: 0,
    cause: 'agent',
    since: lastSeenAt,
    endsAt: undefined,
    headline: `the agent ${name} is silent`,
    fact: 'it did not ask for its certificates any more; what it serves ends some day',
    fix: meanings.silent.remedy({
      ...{ agent: name, service: null, certificate: '', isLate: false },
    }),
  };
}

function copyAlert({ name, presence }: CopiedAgent): Alert {
  return {
    id: `copy:${name}`,
    kind: 'copy',
    subject: name,
    severity: 'warning',
    level: 0,
    cause: `copy ${name}`,
    since: presence.turns?.since ?? new Date(0),
    endsAt: undefined,
    headline: `two machines use the identity of the agent ${name}`,
    fact: `they came by turns: ${machinesText(presence)}. One is a copy of the other, or has its key`,
    fix: copyRemedy(name),
  };
}

function hostAlert({ name, host }: HostInTrouble, now: Date): Alert | undefined {
  const trouble = hostTrouble(name, host, now);
  if (trouble === undefined) return undefined;
  return {
    id: `host:${name}`,
    kind: 'host',
    subject: name,
    severity: host.broken ? 'critical' : 'warning',
    level: host.broken ? 1 : 0,
    cause: `host ${name}`,
    endsAt: undefined,
    ...trouble,
  };
}

function termsAlert({ authority, url, since }: NewTerms): Alert {
  return {
    id: `terms:${authority}`,
    kind: 'terms',
    subject: authority,
    severity: 'warning',
    level: 0,
    cause: `terms ${authority}`,
    since,
    endsAt: undefined,
    headline: `${authority} has new terms of service`,
    fact: `its directory names ${url}`,
    fix: `Read ${url}, then \`hub account update ${authority}\`: whoever goes on has agreed.`,
  };
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
