import { setTimeout as sleep } from 'node:timers/promises';
import { exitCodes, SixhubError } from '@sixhub/base';
import { bundle, identity, manifest, type Problem } from '@sixhub/protocol';
import type { z } from 'zod';
import type { Hub, KnownManifest, Refused } from '../ports.js';
import { spreadOver } from '../domain/patience.js';
import type { Failure } from './dial.js';
import { exchange, type Answer, type Call } from './exchange.js';
import { HubLine } from './line.js';

export interface HubAccount {
  readonly hubs: readonly string[];
  readonly ca: string;
  readonly certificate: string;
  readonly privateKey: string;
  /** What this machine says of itself with each request. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * A hub that knows nothing of waiting says at once that nothing changed, and so does one that is about to stop, or
 * where a copy of this machine asks, too.
 */
const leastWaitMs = 5_000;

/** The hub as an enrolled agent sees it, over one connection that is closed with the block that opened it. */
export function openHub(account: HubAccount, closing: AbortSignal): Hub & Disposable {
  const { certificate, privateKey, headers = {} } = account;
  const line = new HubLine(account.hubs, {
    ca: account.ca,
    client: { certificate, privateKey },
  });
  /** Only a connection that fails moves on to the next address: an answer, also a refusal, is the hub's. */
  const call = async (request: Call, signal = closing): Promise<Answer> => {
    const failures: Failure[] = [];
    for (;;) {
      const { place, isKept } = await line.open(failures, signal);
      try {
        return await exchange(line.agent, place.hub, { ...request, headers }, signal);
      } catch (error) {
        line.hangUp();
        signal.throwIfAborted();
        if (!isKept) failures.push({ ...place, error });
      }
    }
  };
  const must = async (
    request: Call,
    signal?: AbortSignal,
  ): Promise<Exclude<Answer, { kind: 'problem' }>> => {
    const answer = await call(request, signal);
    if (answer.kind === 'problem') throw asError(answer.problem);
    return answer;
  };
  const refusal = async (request: Call): Promise<Refused | undefined> => {
    const answer = await call(request);
    if (answer.kind !== 'problem') return undefined;
    const { status, detail, hint } = answer.problem;
    // Of this one object; anything else is between the hub and this machine, or passes.
    if (status < 400 || status === 401 || status >= 500) throw asError(answer.problem);
    return { why: `${detail} ${hint}`, isForGood: status === 422 };
  };
  const askManifest = async (
    known: KnownManifest | undefined,
    wait: Pick<Call, 'waitSeconds'>,
    signal?: AbortSignal,
  ): Promise<{ readonly answer: KnownManifest; readonly spreadSeconds: number }> => {
    const etag = known === undefined || known.etag === '' ? {} : { etag: known.etag };
    const request = { method: 'GET', path: '/v1/agent/manifest', ...etag, ...wait } as const;
    const answer = await must(request, signal);
    if (answer.kind === 'not-modified') {
      const { spreadSeconds } = answer;
      return { answer: known ?? unexpected('manifest'), spreadSeconds };
    }
    const news = { etag: answer.etag ?? '', manifest: parse(manifest, answer.body, 'manifest') };
    return { answer: news, spreadSeconds: 0 };
  };
  return {
    manifest: async (known) => (await askManifest(known, {})).answer,
    async awaitManifest(known, waitSeconds, signal) {
      const either = AbortSignal.any([closing, signal]);
      const askedAt = performance.now();
      const { answer, spreadSeconds } = await askManifest(known, { waitSeconds }, either);
      const tooEarlyMs = Math.min(leastWaitMs, waitSeconds * 1_000) - (performance.now() - askedAt);
      const pauseMs = Math.max(tooEarlyMs, spreadOver(spreadSeconds, Math.random));
      if (answer !== known || pauseMs <= 0) return answer;
      await sleep(pauseMs, undefined, { signal: either }).catch(() => either.throwIfAborted());
      return answer;
    },
    async bundle(name) {
      const path = `/v1/agent/bundles/${encodeURIComponent(name)}`;
      const answer = await call({ method: 'GET', path });
      if (answer.kind === 'problem') {
        return { kind: 'refused', why: `${answer.problem.detail} ${answer.problem.hint}` };
      }
      const parsed = bundle.safeParse(answer.kind === 'ok' ? answer.body : undefined);
      return parsed.success
        ? { kind: 'bundle', bundle: parsed.data }
        : { kind: 'refused', why: `the hub's bundle is not complete: ${firstIssue(parsed.error)}` };
    },
    answerRequest: (id, csr) =>
      refusal({ method: 'POST', path: `/v1/agent/requests/${id}`, body: { csr } }),
    tellLost: async (lost) =>
      (await refusal({ method: 'POST', path: '/v1/agent/lost-keys', body: lost }))?.why,
    async report(report) {
      await must({ method: 'POST', path: '/v1/agent/reports', body: report });
    },
    async renewIdentity(csr, ca) {
      const answer = await must({ method: 'POST', path: '/v1/agent/identity', body: { csr, ca } });
      return answer.kind === 'ok'
        ? parse(identity, answer.body, 'identity')
        : unexpected('identity');
    },
    [Symbol.dispose]: () => line[Symbol.dispose](),
  };
}

/** What the hub says no to, in its own words. */
export function asError({ code, detail, hint }: Problem): SixhubError {
  return new SixhubError({ code, fact: detail, hint, exit: exitCodes.failed });
}

export function parse<T>(schema: z.ZodType<T>, body: unknown, what: string): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  return unexpected(what, firstIssue(parsed.error));
}

function firstIssue({ issues: [issue] }: z.ZodError): string {
  return `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`;
}

function unexpected(what: string, why = 'it said "not modified" to a first question'): never {
  throw new SixhubError({
    code: 'hub-answer-unexpected',
    fact: `the hub's answer is not the ${what} that was asked for (${why})`,
    hint: 'Hub and agent may be of versions that do not go together: bring both to the same release.',
  });
}
