import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startDaemon, type Daemon } from './daemon.js';
import { allOf, listensAt, logSays } from './fact.js';
import { httpsGet } from './https-get.js';
import type { Lab } from './lab.js';
import { ports } from './ports.js';
import { programFile } from './program-file.js';
import { endpointAt, seatIn, type Seat } from './seat.js';
import { makeSelfSigned } from './self-signed.js';

export interface PebbleOptions {
  /** `address:port` of the resolver that its validation asks. */
  readonly resolver: string;
  /** Percent of good nonces that it refuses; pebble's own default is 5. */
  readonly rejectNonces?: number;
  /** Percent of valid authorizations that it reuses (and so validates nothing); 0 unless said. */
  readonly reuseAuthorizations?: number;
  /** Key identifiers with their MAC keys (base64url); given, an account must be bound to one of them. */
  readonly externalAccounts?: Readonly<Record<string, string>>;
  /** Whether it waits up to 15 s before it validates, as a busy authority may; not unless said. */
  readonly sleepy?: boolean;
  readonly strict?: boolean;
  /** Names that it does not issue for, with all below them. */
  readonly blocked?: readonly string[];
  /** Roots beside the first, each with a chain of its own to it; none unless said. */
  readonly alternateRoots?: number;
  /** Intermediates above each certificate; 1 unless said. */
  readonly chainLength?: number;
  /** On loopback unless said; `manage` is for there alone. */
  readonly seat?: Seat;
}

export interface Pebble extends Daemon {
  readonly directory: string;
  /** PEM of the certificate that its own HTTPS shows; trust this to talk to it. */
  readonly httpsCertificate: string;
  /** The root below which it issues, PEM; another at each start. */
  root(): Promise<string>;
  /** What GET answers at its management interface: `/roots/0`, `/intermediates/0`. */
  manage(path: string): Promise<string>;
}

/** Let's Encrypt's small test authority (RFC 8555). Its accounts and root live in memory. */
export async function startPebble(lab: Lab, options: PebbleOptions): Promise<Pebble> {
  const place = await lab.makeDirectory('pebble');
  const seat = options.seat ?? seatIn(lab, ports.acme);
  const { address } = seat;
  const https = await makeSelfSigned(place, address, 'pebble.test');
  const config = join(place, 'pebble.json');
  await writeFile(config, JSON.stringify(configuration(seat, https, options)));
  const [program, args] = seat.inside(programFile('pebble'), [
    ...['-config', config, '-dnsserver', options.resolver],
    ...(options.strict === true ? ['-strict'] : []),
  ]);
  const daemon = lab.own(
    await startDaemon({
      name: 'pebble',
      program,
      args,
      env: environment(options),
      logFile: join(place, 'log'),
      ready:
        options.seat === undefined
          ? allOf(listensAt(address, ports.acme), listensAt(address, ports.acmeManagement))
          : logSays(/ACME directory available/),
    }),
  );
  const ca = await readFile(https.certificate, 'utf8');
  const manage = async (path: string): Promise<string> => {
    const answer = await httpsGet(`https://${address}:${ports.acmeManagement}${path}`, { ca });
    if (answer.status !== 200) throw new Error(`pebble's ${path} answered ${answer.status}`);
    return answer.body;
  };
  return {
    ...daemon,
    directory: `https://${endpointAt(seat)}/dir`,
    httpsCertificate: https.certificate,
    manage,
    root: () => manage('/roots/0'),
  };
}

function configuration(
  seat: Seat,
  https: Awaited<ReturnType<typeof makeSelfSigned>>,
  options: PebbleOptions,
): object {
  return {
    pebble: {
      listenAddress: endpointAt(seat),
      managementListenAddress: endpointAt({ ...seat, port: ports.acmeManagement }),
      certificate: https.certificate,
      privateKey: https.privateKey,
      // Only dns-01 is used here; pebble wants a number all the same.
      httpPort: 5002,
      tlsPort: 5001,
      ocspResponderURL: '',
      externalAccountBindingRequired: options.externalAccounts !== undefined,
      externalAccountMACKeys: options.externalAccounts ?? {},
      domainBlocklist: options.blocked ?? [],
    },
  };
}

function environment(options: PebbleOptions): Record<string, string | undefined> {
  return {
    PEBBLE_VA_NOSLEEP: options.sleepy === true ? undefined : '1',
    PEBBLE_WFE_NONCEREJECT: String(options.rejectNonces ?? 5),
    PEBBLE_AUTHZREUSE: String(options.reuseAuthorizations ?? 0),
    PEBBLE_ALTERNATE_ROOTS: String(options.alternateRoots ?? 0),
    PEBBLE_CHAIN_LENGTH: String(options.chainLength ?? 1),
  };
}
