import type { AgentName, CertificateName } from '@sixhub/protocol';
import type { DeployedService, Deployment, LastError } from './agent.js';
import type { Holding, Want } from './holding.js';

/** How it stands with a certificate at one service of a machine, or on the machine as a whole. */
export interface Standing {
  readonly agent: AgentName;
  /** Null: the machine as a whole. */
  readonly service: string | null;
  readonly certificate: CertificateName;
  readonly state: StandingState;
  readonly needs: Needs;
  /** That was reported on; null where none was. */
  readonly version: string | null;
  /** That version is the newest. */
  readonly current: boolean;
  readonly since: Date | null;
  /** When it was last looked at; of a machine, when it was heard of last. */
  readonly checkedAt: Date | null;
  /** The program's own words; empty where there are none. */
  readonly says: string;
  /** The last trouble before this state. */
  readonly lastError: LastError | null;
  /** What to do; empty where there is nothing to do. */
  readonly remedy: string;
}

/** `time`: it is expected to come by itself. */
export type Needs = 'person' | 'time' | 'nothing';

export const standingStates = [
  'serving',
  /** It was serving when it was looked at, and a day's look has not come since: the agent's runs do not end. */
  'unchecked',
  'rolled-back',
  'not-serving',
  'broken-before',
  /** No service on the machine is named for it. */
  'installed',
  'not-installed',
  /** Serving what it should until its turn in a rollout: the version before. */
  'waiting',
  /** Serving, but not the newest version, on which nothing was told yet. */
  'older',
  /** Enrolled, and nothing told of this certificate yet. */
  'unreported',
  'not-enrolled',
  'silent',
  'removed',
  /** A service names it, and the agent has no grant. */
  'not-granted',
] as const;
export type StandingState = (typeof standingStates)[number];

interface Meaning {
  /** After the place's name. */
  readonly words: string;
  /** `time`: until that is over. */
  readonly needs: Needs;
  readonly remedy: (place: Place) => string;
}

interface Place {
  readonly agent: string;
  readonly service: string | null;
  readonly certificate: string;
  /** It was to come by itself, and did not. */
  readonly isLate: boolean;
}

const nothing = (): string => '';
const runNow = '`hub-agent run --now`';

/** What each state means, and what to do about it there. */
export const meanings: Readonly<Record<StandingState, Meaning>> = {
  serving: { words: 'serving', needs: 'nothing', remedy: nothing },
  unchecked: {
    words: 'serving when it was looked at last, over a day ago',
    needs: 'person',
    remedy: ({ agent }) => `On ${agent}: ${runNow}, and read what it says.`,
  },
  installed: { words: 'installed, no service named for it', needs: 'nothing', remedy: nothing },
  waiting: {
    words: 'serving the version before, until its turn in the rollout',
    needs: 'nothing',
    remedy: nothing,
  },
  'rolled-back': {
    words: 'back at the version before',
    needs: 'person',
    remedy: ({ agent, service }) =>
      `On ${agent}: see \`hub-agent status\`, mend ${service ?? 'it'}, then ${runNow}.`,
  },
  'not-serving': {
    words: 'not serving',
    needs: 'person',
    remedy: ({ agent, service }) =>
      `On ${agent}: see \`hub-agent status\`, mend ${service ?? 'it'}, then ${runNow}.`,
  },
  'broken-before': {
    words: 'left alone, its own configuration is broken',
    needs: 'person',
    remedy: ({ agent, service }) =>
      `On ${agent}: mend the configuration of ${service ?? 'it'}, then ${runNow}.`,
  },
  'not-installed': {
    words: 'not installed',
    needs: 'person',
    remedy: ({ agent }) => `On ${agent}: mend that, then ${runNow}.`,
  },
  older: {
    words: 'serving an older version',
    needs: 'time',
    remedy: ({ agent, isLate }) => comes(agent, isLate),
  },
  unreported: {
    words: 'has not reported yet',
    needs: 'time',
    remedy: ({ agent, isLate }) => comes(agent, isLate),
  },
  'not-enrolled': {
    words: 'not enrolled',
    needs: 'person',
    remedy: ({ agent }) =>
      `On the hub: \`hub agent add ${agent}\` prints a token. On ${agent}: \`hub-agent enroll\` takes it.`,
  },
  silent: {
    words: 'silent',
    needs: 'person',
    remedy: ({ agent }) =>
      `On ${agent}: \`systemctl status sixhub-agent.timer\`, then \`hub-agent run\`. If it is gone for good, on the hub: \`hub agent remove ${agent}\`.`,
  },
  removed: {
    words: 'removed, gets no newer version',
    needs: 'nothing',
    remedy: nothing,
  },
  'not-granted': {
    words: 'names it, and has no grant',
    needs: 'person',
    remedy: ({ agent, certificate }) =>
      `If ${agent} may have it, on the hub: \`hub agent grant ${agent} ${certificate}\`. If not: take it out of its configuration there.`,
  },
};

/** On a host without an agent there is nothing to run: the hub does it. */
function pushedRemedy(
  { state, service }: Pick<Standing, 'state' | 'service'>,
  agent: string,
): string {
  const now = `on the hub: \`hub push run ${agent}\``;
  switch (meanings[state].needs) {
    case 'nothing':
      return '';
    case 'time':
      return `It is brought by itself; at once, ${now}.`;
    case 'person':
      return state === 'silent' || state === 'unchecked'
        ? `${now.replace('on', 'On')}, and read what it says. If it is gone for good: \`hub agent remove ${agent}\`.`
        : `On ${agent}: mend ${service ?? 'that'}; then, ${now}.`;
    default:
      return meanings[state].needs satisfies never;
  }
}

function comes(agent: string, isLate: boolean): string {
  return isLate
    ? `On ${agent}: ${runNow}, and read what it says.`
    : `It comes by itself within a quarter of an hour; at once, on ${agent}: \`hub-agent run\`.`;
}

/** An agent looks once a day (decision.ts there); two hours for its timer and a sleeping machine. */
export const uncheckedMs = 26 * 3_600_000;
/** Four visits of the timer. */
export const lateMs = 3_600_000;

export function standingsOf(holding: Holding, now: Date): readonly Standing[] {
  const { agent, deployment } = holding;
  const whole = (state: StandingState, more: Partial<Standing> = {}): Standing =>
    standing(holding, now, { service: null, state, ...more });
  const lastSeen = agent.lastSeenAt ?? null;
  switch (agent.status) {
    case 'invited':
      return [whole('not-enrolled', { since: agent.statusAt ?? null })];
    case 'removed':
      return [whole('removed', { since: agent.statusAt ?? null, checkedAt: lastSeen })];
    case 'active':
      break;
    default:
      agent.status satisfies never;
  }
  const told = deployment === undefined ? [] : ofDeployment(holding, deployment, now);
  if (agent.silent) return [whole('silent', { since: lastSeen, checkedAt: lastSeen }), ...told];
  return deployment === undefined ? [whole('unreported', { checkedAt: lastSeen })] : told;
}

export function standingOfWant({ agent, service, certificate }: Want): Standing {
  const { needs, remedy } = meanings['not-granted'];
  const place = { agent, service, certificate };
  return {
    ...{ ...place, state: 'not-granted', needs, version: null, current: false, since: null },
    ...{ checkedAt: null, says: '', lastError: null, remedy: remedy({ ...place, isLate: false }) },
  };
}

function ofDeployment(
  holding: Holding,
  { version, installed, detail, services, reportedAt }: Deployment,
  now: Date,
): readonly Standing[] {
  const current = version === holding.version?.id;
  const seen = services.map((service) =>
    standing(holding, now, {
      service: service.service,
      state: stateOf(service, current, holding, now),
      since: new Date(service.since),
      checkedAt: new Date(service.at),
      says: service.state === 'serving' ? '' : words(service, detail),
      lastError: service.state === 'serving' ? (service.lastError ?? null) : null,
    }),
  );
  const isTold = seen.some(({ needs }) => needs === 'person');
  const whole = (state: StandingState, says: string): Standing =>
    standing(holding, now, {
      ...{ service: null, state, says, since: reportedAt, checkedAt: reportedAt },
    });
  if (!installed) return isTold ? seen : [whole('not-installed', detail), ...seen];
  if (services.length > 0) return seen;
  return [whole(current ? 'installed' : 'unreported', detail)];
}

function stateOf(
  { state, at }: DeployedService,
  current: boolean,
  { agent, waits }: Holding,
  now: Date,
): StandingState {
  if (state !== 'serving') return state;
  if (!current) return 'older';
  // Of a silent agent that is told already, with what is to be done about it.
  if (!agent.silent && now.getTime() - Date.parse(at) > uncheckedMs) return 'unchecked';
  return waits ? 'waiting' : 'serving';
}

/** The service's own words, and what else is told of the whole, as that there is no way back. */
function words({ state, detail }: DeployedService, whole: string): string {
  const isMore = state === 'not-serving' && whole !== '' && !whole.includes(detail);
  return isMore ? `${detail}\n${whole}` : detail;
}

function standing(
  holding: Holding,
  now: Date,
  known: Pick<Standing, 'service' | 'state'> & Partial<Standing>,
): Standing {
  const { agent, certificate, deployment, version, waits } = holding;
  const isLate = !agent.silent && isOverdue(holding, now);
  const { needs, remedy } = meanings[known.state];
  const place = { agent: agent.name, certificate };
  return {
    ...place,
    ...{ since: null, checkedAt: null, says: '', lastError: null },
    version: deployment?.version ?? null,
    current: !waits && deployment !== undefined && deployment.version === version?.id,
    needs: needs === 'time' && isLate ? 'person' : needs,
    remedy: agent.pushed
      ? pushedRemedy(known, agent.name)
      : remedy({ ...place, service: known.service, isLate }),
    ...known,
  };
}

/** It might have come since there was something to come for. */
function isOverdue({ agent, grantedAt, givenAt, version }: Holding, now: Date): boolean {
  if (version === undefined) return false;
  const known = [version.issuedAt, grantedAt, givenAt, agent.statusAt];
  const since = Math.max(...known.map((at) => at?.getTime() ?? 0));
  return now.getTime() - since > lateMs;
}

const order: Readonly<Record<Needs, number>> = { person: 0, time: 1, nothing: 2 };

/** What is most pressing first; else as they were. */
export function byNeed(standings: readonly Standing[]): readonly Standing[] {
  const rank = ({ needs, state }: Standing): number =>
    order[needs] * 2 + (state === 'not-serving' ? 0 : 1);
  return standings.toSorted((one, other) => rank(one) - rank(other));
}
