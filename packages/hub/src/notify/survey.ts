import { mostAlertsOfAKind, type Alert } from '../domain/alert.js';
import { challengeDomain } from '../domain/dns-name.js';
import type { Step } from '../domain/issuance.js';
import { copiesSince } from '../domain/presence.js';
import { planRetry } from '../domain/retry.js';
import { standingAlerts, type Troubles } from '../domain/standing-alerts.js';
import type { Authority } from '../ports.js';
import type { Store } from '../store/store.js';

export interface SurveyOptions {
  readonly store: Store;
  readonly authorities: readonly Pick<Authority, 'name' | 'directory'>[];
  readonly now: Date;
  /** Agents that were not heard of since then are silent. */
  readonly silentSince: Date;
}

export interface Surveyed {
  readonly alerts: readonly Alert[];
  /** False: more certificates are in trouble than were looked at. */
  readonly isWhole: boolean;
}

/** What stands, by what the store knows now. */
export async function survey(options: SurveyOptions): Promise<Surveyed> {
  const { store, authorities, now } = options;
  const gone = await store.delegations.gone();
  const delegations: Troubles['delegations'][number][] = [];
  if (gone.size > 0) {
    for (const { domain, target } of await store.delegations.list()) {
      const watch = gone.get(domain);
      if (watch !== undefined) delegations.push({ domain, target, watch });
    }
  }
  let held: Promise<Step | undefined> | undefined;
  const whyNotBegun = (): Promise<Step | undefined> => (held ??= holdOfAll(options));
  const certificates: Troubles['certificates'][number][] = [];
  const troubled = await store.troubles.certificates(now, mostAlertsOfAKind);
  for (const trouble of troubled) {
    const certificate = gone.size === 0 ? undefined : await store.certificates.find(trouble.name);
    const domains = new Set<string>(certificate?.names.map(challengeDomain));
    certificates.push({
      ...trouble,
      told: isBegun(trouble) ? trouble.told : await whyNotBegun(),
      gone: [...domains].filter((domain) => gone.has(domain)),
    });
  }
  const alerts = standingAlerts(
    {
      certificates,
      delegations,
      deployments: await store.troubles.deployments(),
      rollouts: await store.rollouts.unfinished(),
      agents: await store.troubles.silentAgents(options.silentSince),
      copies: await store.troubles.copiedAgents(copiesSince(now)),
      hosts: await store.hosts.list(),
      terms: (await store.terms.changed()).flatMap(({ directory, url, since }) => {
        const authority = authorities.find((one) => one.directory === directory);
        return authority === undefined ? [] : [{ authority: authority.name, url, since }];
      }),
    },
    now,
  );
  return { alerts, isWhole: troubled.length < mostAlertsOfAKind };
}

function isBegun({ issuance }: Pick<Troubles['certificates'][number], 'issuance'>): boolean {
  return issuance !== undefined && issuance.stage !== 'done';
}

/** Why the planner begins nothing: no authority may be asked for anything. Undefined where one may. */
async function holdOfAll({ store, authorities, now }: SurveyOptions): Promise<Step | undefined> {
  let first: Step | undefined;
  for (const { directory } of authorities) {
    const hold = await store.holds.ofAuthority(directory);
    if (hold === undefined || hold.until <= now) return undefined;
    const { kind: problem, fact, failures, until } = hold;
    const { hint } = planRetry(problem, failures);
    first ??= { kind: 'problem', problem, fact, hint, retryAt: until.toISOString() };
  }
  return first;
}
