import { errorText, exitCodes, SixhubError, systemCode } from '@sixhub/base';
import { dial, NotReached, type Dialled, type Failure } from './dial.js';

/** The first of the hub's addresses that takes the connection, but for those that failed already. */
export async function reach(
  hubs: readonly string[],
  failures: readonly Failure[],
  signal: AbortSignal,
): Promise<Dialled> {
  try {
    return await dial(hubs, failures, signal);
  } catch (error) {
    if (error instanceof NotReached) throw unreachable([...failures, ...error.failures]);
    throw error;
  }
}

/** Why, address by address. */
function unreachable(failures: readonly Failure[]): SixhubError {
  return new SixhubError({
    code: 'hub-unreachable',
    fact: `no hub can be reached: ${failures.map(failureWords).join('; ')}`,
    hint:
      'What is installed stays as it is; the next run tries again.\n' +
      'Is sixhub.service running on the hub, and does a firewall let its agents’ port through?',
    exit: exitCodes.unreachable,
  });
}

function failureWords({ hub, address, error }: Failure): string {
  const isNamed = address === undefined || hub.includes(address);
  return `${hub}${isNamed ? '' : ` (${address})`}: ${connectionWords(error)}`;
}

/** What OpenSSL's and the system's codes mean for a connection to a hub. */
const meanings: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was reset',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'no route to it',
  ENETUNREACH: 'no route to it',
  EADDRNOTAVAIL: 'this machine has no address to reach it from',
  EINVAL: 'a link-local address says nothing without an interface; give the hub a global one',
  ENOTFOUND: 'its name has no address',
  EAI_AGAIN: 'its name could not be looked up',
  CERT_HAS_EXPIRED: "the hub's certificate has expired",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted(),
  SELF_SIGNED_CERT_IN_CHAIN: untrusted(),
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted(),
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted(),
  CERT_SIGNATURE_FAILURE: untrusted(),
  ERR_TLS_CERT_ALTNAME_INVALID:
    "what answers there is not the hub: its certificate lacks the hub's name",
  EPROTO: 'what answers there does not speak TLS',
};

function untrusted(): string {
  return "what answers there is not the hub that this machine was enrolled at (its certificate is not from that hub's CA); nothing was sent to it";
}

function connectionWords(error: unknown): string {
  const code = systemCode(error);
  if (code?.startsWith('ERR_SSL_') === true && errorText(error).includes('alert')) {
    return `the hub does not accept this machine's certificate (${code.slice(8).toLowerCase().replaceAll('_', ' ')})`;
  }
  return (code === undefined ? undefined : meanings[code]) ?? errorText(error);
}
