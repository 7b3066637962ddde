import type { z } from 'zod';
import type { AlertView, ChannelView, TestView } from '../api/alert-routes.js';
import type { AuthorityView } from '../api/account-routes.js';
import type { RecordView } from '../api/doctor-routes.js';
import type { Examined } from '../doctor/doctor.js';
import type { Finding } from '@sixhub/base/finding';
import type { KeyedVersionView, RevokedAnswer } from '../api/version-routes.js';
import type { PushTargetView, PushVisitView } from '../api/push-routes.js';
import type { TokenView } from '../api/token-routes.js';
import type { agentView } from '../api/agent-view.js';
import type { certificateView, issuanceView } from '../api/views.js';
import type { FleetView } from '../api/fleet-view.js';
import type { RolloutsView, RolloutView } from '../api/rollout-view.js';
import type { StandingView } from '../api/standing-view.js';
import type { Step } from '../domain/issuance.js';

/** Types of what the API answers, taken from its schemas without loading them. */
export type CertificateView = z.infer<typeof certificateView>;
export type IssuanceView = z.infer<typeof issuanceView>;
export type AgentView = z.infer<typeof agentView>;

export type {
  AlertView,
  ChannelView,
  TestView,
  AuthorityView,
  Examined,
  Finding,
  RecordView,
  FleetView,
  RolloutsView,
  RolloutView,
  KeyedVersionView,
  PushTargetView,
  PushVisitView,
  RevokedAnswer,
  StandingView,
  TokenView,
};

export interface Started {
  readonly issuance: IssuanceView | null;
  readonly joined: boolean;
  /** What an issuance told before is older than what was asked. */
  readonly askedAt: string;
}

export interface ToldStep {
  readonly seq: number;
  readonly at: string;
  readonly step: Step;
}
