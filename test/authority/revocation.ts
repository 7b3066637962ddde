import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import type { Course, Reply } from './course.js';
import { readJwk, thumbprint, type SignedRequest } from './jws.js';
import type { Account } from './ledger.js';
import { Refused } from './refusal.js';

const revocation = z.object({ certificate: z.string(), reason: z.number().int().default(0) });

/** RFC 5280 §5.3.1; 7 is not used. */
const reasons = new Set([0, 1, 2, 3, 4, 5, 6, 8, 9, 10]);

/** §7.6: by the account that ordered it, or (`account` undefined) by the certificate's own key. */
export function revoke(
  request: SignedRequest,
  account: Account | undefined,
  { ledger, now }: Course,
): Reply {
  const { certificate, reason } = revocation.parse(request.payload);
  if (!reasons.has(reason)) throw new Refused(400, 'badRevocationReason', `no reason ${reason}`);
  const found = [...ledger.certificates.values()].find(
    ({ issued }) => issued.leafDer.toString('base64url') === certificate,
  );
  if (found === undefined) throw new Refused(404, 'malformed', 'there is no such certificate here');
  if (found.revoked !== undefined) throw new Refused(400, 'alreadyRevoked', 'revoked before');
  const { key } = request;
  const may =
    account === undefined
      ? key !== undefined && thumbprint(key) === certificateThumbprint(found.issued.leafDer)
      : found.order.account === account.id;
  if (!may) throw new Refused(403, 'unauthorized', 'not yours to revoke');
  found.revoked = now();
  return { status: 200 };
}

function certificateThumbprint(der: Buffer): string {
  return thumbprint(readJwk(new X509Certificate(der).publicKey.export({ format: 'jwk' })));
}
