import type { Clock } from '@sixhub/base';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { KeyKind } from '@sixhub/acme';
import type { Agents } from '../agents/agents.js';
import type { DoctorContext } from '../doctor/doctor.js';
import type { Authorities } from '../issuance/authorities.js';
import type { Revocations } from '../issuance/revocations.js';
import type { IssuanceRunner } from '../issuance/runner.js';
import type { Notifier } from '../notify/notifier.js';
import type { Log } from '../ports.js';
import type { Rollouts } from '../rollout/rollouts.js';
import type { PushTargets } from '../push/push-targets.js';
import type { PushWork } from '../push/push-work.js';
import type { ApiTokens } from './api-tokens.js';
import type { Metrics } from './metrics.js';
import type { Readiness } from './readiness.js';
import type { Store } from '../store/store.js';
import type { MasterKey } from '../vault/master-key-change.js';

/** What the routes of people and monitoring work with. */
export interface PeopleServices {
  readonly store: Store;
  readonly runner: IssuanceRunner;
  readonly agents: Agents;
  readonly authorities: Authorities;
  readonly masterKey: MasterKey;
  readonly revocations: Revocations;
  /** Of certificates that nobody said otherwise for. */
  readonly defaultKey: KeyKind;
  readonly doctor: DoctorContext;
  readonly tokens: ApiTokens;
  readonly readiness: Readiness;
  readonly metrics: Metrics;
  readonly notifier: Notifier;
  readonly rollouts: Rollouts;
  readonly pushTargets: PushTargets;
  readonly push: PushWork;
  readonly clock: Clock;
  readonly log: Log;
}

/** Fastify whose routes take their types from zod schemas. */
export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;
