import { z } from 'zod';
import type { ProblemFacts } from '../domain/problem.js';
import { challengeProblemKind, compoundKind, problemKind } from '../domain/problem-kind.js';

/** The documents of RFC 8555 as an authority sends them, parsed before anything is done with them. */

/** Some authorities write `null` or "" for what is not there. */
function orNothing<T extends z.ZodType>(schema: T) {
  return z.preprocess((value) => (value === null || value === '' ? undefined : value), schema);
}
const text = orNothing(z.string().optional());

export const problemDocument = z.object({
  type: text,
  detail: text,
  title: text,
  /** RFC 9457 §3.1.5; with userActionRequired, where a person is to go (RFC 8555 §7.3.3). */
  instance: text,
  subproblems: orNothing(
    z
      .array(
        z.object({
          type: text,
          detail: text,
          identifier: orNothing(z.object({ value: z.string() }).optional()),
        }),
      )
      .optional(),
  ),
});
export type ProblemDocument = z.infer<typeof problemDocument>;

/** §7.1.3. */
export const orderDocument = z.object({
  url: z.url(),
  status: z.enum(['pending', 'ready', 'processing', 'valid', 'invalid']),
  expires: text,
  authorizations: z.array(z.url()),
  finalize: z.url(),
  certificate: orNothing(z.url().optional()),
  /** RFC 9773 §5: repeated where the authority takes it as a replacement. */
  replaces: text,
  error: orNothing(problemDocument.optional()),
});
export type Order = Readonly<z.infer<typeof orderDocument>>;

const challengeDocument = z.object({
  type: z.string(),
  url: z.url(),
  status: z.enum(['pending', 'processing', 'valid', 'invalid']),
  /** Absent on challenge types that have none. */
  token: orNothing(
    z
      .string()
      .regex(/^[A-Za-z0-9_-]+$/)
      .optional(),
  ),
  /** dns-persist-01: who may stand in its record; the second is its name up to the draft's version 01. */
  issuerDomainNames: z.array(z.string()).optional().catch(undefined),
  'issuer-domain-names': z.array(z.string()).optional().catch(undefined),
  error: orNothing(problemDocument.optional()),
});
export type Challenge = Readonly<z.infer<typeof challengeDocument>>;

/** §7.1.4. */
export const authorizationDocument = z.object({
  url: z.url(),
  identifier: z.object({ type: z.string(), value: z.string() }),
  status: z.enum(['pending', 'valid', 'invalid', 'deactivated', 'expired', 'revoked']),
  wildcard: orNothing(z.boolean().optional()),
  challenges: z.array(challengeDocument),
});
export type Authorization = Readonly<z.infer<typeof authorizationDocument>>;

/** §7.1.1, and the profiles of draft-ietf-acme-profiles: name to description. */
export const directoryDocument = z.object({
  newNonce: z.url(),
  newAccount: z.url(),
  newOrder: z.url(),
  /** Wanted by the RFC; an authority that lacks one of these can all the same issue. */
  revokeCert: orNothing(z.url().optional()),
  keyChange: orNothing(z.url().optional()),
  renewalInfo: orNothing(z.url().optional()),
  meta: orNothing(
    z
      .object({
        termsOfService: text,
        caaIdentities: orNothing(z.array(z.string()).default([])),
        externalAccountRequired: orNothing(z.boolean().default(false)),
        profiles: orNothing(z.record(z.string(), z.string()).default({})),
        /** draft-ietf-acme-dns-persist-02 §3.2, §4.1. */
        issuerDomainNames: z.array(z.string()).optional().catch(undefined),
        accountHashPrefix: z.url().optional().catch(undefined),
      })
      .prefault({}),
  ),
});
export type DirectoryDocument = Readonly<z.infer<typeof directoryDocument>>;

/** Without the addresses, which only a session needs. */
export type Directory = Pick<DirectoryDocument, 'renewalInfo' | 'meta'>;

/** RFC 9773 §4.2, from its text. A bad address of an explanation is no reason to disregard the window. */
export const renewalInfoDocument = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue('not JSON');
      return z.NEVER;
    }
  })
  .pipe(
    z.object({
      suggestedWindow: z.object({
        start: z.iso.datetime({ offset: true }),
        end: z.iso.datetime({ offset: true }),
      }),
      explanationURL: z.url().optional().catch(undefined),
    }),
  );

/** A problem document of `authority` as facts; `answer` where it came as one, not inside an order. */
export function problemFacts(
  authority: string,
  document: ProblemDocument,
  answer?: { readonly status: number; readonly termsOfService?: string | undefined },
): ProblemFacts {
  const subProblems = (document.subproblems ?? []).map((sub) => ({
    name: sub.identifier?.value ?? '',
    kind: problemKind(sub),
    detail: sub.detail ?? '',
  }));
  const kind = compoundKind(
    problemKind({ ...document, status: answer?.status }),
    subProblems.map((sub) => sub.kind),
  );
  const said = document.detail ?? document.title ?? document.type ?? 'no reason given';
  return {
    kind,
    authority,
    detail: [
      said,
      ...subProblems.map((sub) => `${sub.name}: ${sub.detail}`),
      ...(kind === 'user-action-required' ? pages(document, answer?.termsOfService) : []),
    ].join('; '),
    subProblems,
    ...(answer === undefined ? {} : { status: answer.status }),
  };
}

/** §7.3.3: where its account's owner has to go, and what the terms are now. */
function pages(document: ProblemDocument, termsOfService: string | undefined): readonly string[] {
  return [
    ...(document.instance === undefined ? [] : [`go to ${document.instance}`]),
    ...(termsOfService === undefined ? [] : [`its terms: ${termsOfService}`]),
  ];
}

/** What an authority saw when it validated a challenge. */
export function challengeFacts(authority: string, document: ProblemDocument): ProblemFacts {
  return { ...problemFacts(authority, document), kind: challengeProblemKind(document) };
}
