import type { AgentName, CertificateName } from '@sixhub/protocol';

/** A host that runs no agent: the hub logs in there, brings what it may have, and looks from outside what it serves. */
export interface PushTarget {
  /** It is an agent among agents, with grants and deployments. */
  readonly agentId: string;
  readonly name: AgentName;
  readonly grants: readonly CertificateName[];
  readonly place: PushPlace;
  readonly settings: PushSettings;
  readonly work: PushState;
}

export interface PushPlace {
  readonly user: string;
  readonly host: string;
  readonly port: number;
  /** The one key that the host may show: `ssh-ed25519 AAAA…`. */
  readonly hostKey: string;
}

export interface PushSettings {
  /** Where it serves, as `--connect` has it: `nas.example.org:443`. */
  readonly connect: readonly string[];
  /** Names (SNI) to ask for there; none: the name in `connect`, if it is one. */
  readonly servernames: readonly string[];
  /** Without a receiver on the host: the hub writes these files by itself. */
  readonly plain?: PlainPush | undefined;
}

export interface PlainPush {
  readonly certificate: CertificateName;
  readonly files: readonly PushFile[];
  /** Lines for the shell there. */
  readonly check?: string | undefined;
  readonly reload?: string | undefined;
}

export const pushForms = [
  'fullchain',
  'cert',
  'chain',
  'privkey',
  /** Chain, then key. */
  'joined',
  'joined-key-first',
] as const;
export type PushForm = (typeof pushForms)[number];

export interface PushFile {
  readonly form: PushForm;
  readonly path: string;
  readonly mode: number;
}

/** What is still to be done there, and how it went. */
export interface PushState {
  readonly dueAt: Date;
  /** Versions that were tried last, by certificate: another one is tried at once, whatever became of these. */
  readonly tried: Readonly<Record<string, string>>;
  /** In a row. */
  readonly failures: number;
  /** Why the last try did not do all; empty where it did. */
  readonly fact: string;
  readonly triedAt: Date | undefined;
  /**
   * Of pushes that were begun and not ended: who showed the version before, by certificate. Whoever goes on with them
   * can't see that any more.
   */
  readonly intents: Readonly<Record<string, readonly string[]>>;
}

const minute = 60_000;
const backOffMs = [minute, 10 * minute, 100 * minute];
/** Within the 26 hours after which a service counts as not looked at. */
export const dailyMs = 23 * 60 * minute;

/** `failures`: in a row, from 1. */
export function pushRetryMs(failures: number): number {
  return backOffMs[failures - 1] ?? dailyMs;
}

/** Each form of a certificate's parts, in PEM. */
export function inForm(
  form: PushForm,
  { leaf, chain, key }: { readonly leaf: string; readonly chain: string; readonly key: string },
): string {
  const text = (...parts: readonly string[]): string =>
    parts.map((part) => (part.trim() === '' ? '' : `${part.trim()}\n`)).join('');
  switch (form) {
    case 'fullchain':
      return text(leaf, chain);
    case 'cert':
      return text(leaf);
    case 'chain':
      return text(chain);
    case 'privkey':
      return text(key);
    case 'joined':
      return text(leaf, chain, key);
    case 'joined-key-first':
      return text(key, leaf, chain);
    default:
      return form satisfies never;
  }
}
