import { errorText, systemCode } from '@sixhub/base';

/** Why no answer came, in words that say where to look. */
export function whyNoAnswer(error: Error): string {
  const code = systemCode(error) ?? '';
  return Object.hasOwn(words, code) ? `${words[code]}` : errorText(error);
}

const noRoute = 'no route leads to it from this machine (ip route; ip -6 route)';
const untrusted =
  'its HTTPS certificate comes from a root that is not trusted here; a private root goes into a file that `trust` in hub.toml names';
const cut = 'the connection was cut before it answered';
/** Certificates of public authorities are always in time: it is rather this machine that is not. */
const clock = "this machine's clock is the first suspect (timedatectl)";

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ENOTFOUND: 'its name could not be resolved: there is no such name',
  EAI_AGAIN: 'its name could not be resolved: the resolver did not answer',
  ETIMEDOUT: 'no connection came about in time; a firewall may drop it',
  EHOSTUNREACH: noRoute,
  ENETUNREACH: noRoute,
  EADDRNOTAVAIL: noRoute,
  ECONNRESET: cut,
  EPIPE: cut,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  CERT_HAS_EXPIRED: `its HTTPS certificate has expired; ${clock}`,
  CERT_NOT_YET_VALID: `its HTTPS certificate is not valid yet; ${clock}`,
  ERR_TLS_CERT_ALTNAME_INVALID:
    'its HTTPS certificate is for another name: something else answers at its address',
  ERR_SSL_WRONG_VERSION_NUMBER: 'what answers there does not speak TLS',
  EPROTO: 'what answers there does not speak TLS as we do',
};
