import { randomUUID } from 'node:crypto';
import {
  certificateName,
  keyAnswer,
  lostKey,
  type KeyRequest,
  type LostKey,
} from '@sixhub/protocol';
import type { Authority, Issued } from './authority.js';

/** Keys that a hub wants made on a machine: what is answered is certified, and offered at once. */
export interface WantedKeys {
  readonly list: readonly KeyRequest[];
  /** One at a time. */
  want(name: string, issuer: Authority, change?: Partial<KeyRequest>): void;
  /** PKCS#10 of those that were answered. */
  readonly csrs: string[];
  readonly lost: LostKey[];
  /** False where the path is of something else. */
  answer(path: string, body: string): Promise<boolean>;
}

export function wantedKeys(offer: (name: string, issued: Issued) => void): WantedKeys {
  let wanted: { readonly request: KeyRequest; readonly issuer: Authority } | undefined;
  const csrs: string[] = [];
  const lost: LostKey[] = [];
  return {
    csrs,
    lost,
    get list() {
      return wanted === undefined ? [] : [wanted.request];
    },
    want(name, issuer, change = {}) {
      const certificate = certificateName.parse(name);
      const same = { id: randomUUID(), certificate, names: [name], key: 'p256' } as const;
      const request = { ...same, names: [name], keep: null, answered: null, ...change };
      wanted = { request, issuer };
    },
    async answer(path, body) {
      if (path === '/v1/agent/lost-keys') {
        lost.push(lostKey.parse(JSON.parse(body)));
        return true;
      }
      if (wanted === undefined || path !== `/v1/agent/requests/${wanted.request.id}`) return false;
      const { csr } = keyAnswer.parse(JSON.parse(body));
      const { request, issuer } = wanted;
      csrs.push(csr);
      const issued = await issuer.issue({ names: request.names, csr });
      wanted = undefined;
      offer(request.certificate, issued);
      return true;
    },
  };
}
