import { errorText, exitCodes, SixhubError, systemCode } from '@sixhub/base';
import { listenText, type ListenAddress } from '../domain/listen-address.js';
import { portHolder } from './port-holder.js';

/** Why a socket could not be had, in words that name address, port and whoever is in the way. */
export async function listenError(
  protocol: 'udp' | 'tcp',
  where: ListenAddress,
  error: unknown,
): Promise<SixhubError> {
  const place = `${listenText(where)} (${protocol.toUpperCase()})`;
  const fault = await explain(protocol, where, error);
  return new SixhubError({
    code: fault.code,
    fact: `${place}: ${fault.reason}`,
    hint: fault.hint,
    exit: exitCodes.usage,
    cause: error,
  });
}

interface Explanation {
  readonly code: string;
  readonly reason: string;
  readonly hint: string;
}

async function explain(
  protocol: 'udp' | 'tcp',
  where: ListenAddress,
  error: unknown,
): Promise<Explanation> {
  const { address, port } = where;
  switch (systemCode(error)) {
    case 'EADDRINUSE': {
      const holder = await portHolder(protocol, where);
      return {
        code: 'port-in-use',
        reason: `the port is in use${holder === undefined ? '' : ` by ${holder}`}`,
        hint: holder?.startsWith('systemd-resolve')
          ? 'systemd-resolved answers on 127.0.0.53 and 127.0.0.54. Listen on the addresses of this machine one by one,\nor set DNSStubListener=no in /etc/systemd/resolved.conf and restart it.'
          : `Stop that program, or listen elsewhere; 'ss -lpn sport = :${port}' shows who listens.\nsystemd-resolved has 127.0.0.53:53; the addresses of this machine written one by one do not meet it.`,
      };
    }
    case 'EACCES':
    case 'EPERM':
      return {
        code: 'port-not-allowed',
        reason: 'this user may not listen on ports below 1024',
        hint: `Start it by its systemd unit (AmbientCapabilities=CAP_NET_BIND_SERVICE), or give the right once:\nsetcap cap_net_bind_service=+ep ${process.execPath}`,
      };
    case 'EADDRNOTAVAIL':
      return {
        code: 'address-not-here',
        reason: `this machine has no address ${address}`,
        hint: "'ip address' lists the addresses it has.",
      };
    default:
      return {
        code: 'listen-failed',
        reason: errorText(error),
        hint: 'Correct the address, or listen on another one.',
      };
  }
}
