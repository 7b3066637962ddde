import type { Protocol } from '@sixhub/wire';
import type { Section } from './doveconf-text.js';

/** An inet_listener of an enabled service, before its addresses are made concrete. */
export interface Listener {
  /** Dovecot's own name, as in `protocol imap { … }`. */
  readonly service: string;
  /** How a client comes to see a certificate there. */
  readonly protocol: Protocol;
  readonly port: number;
  /** `*`, `::`, addresses, host names. */
  readonly addresses: readonly string[];
}

/** By the program behind a service, since services can be named at will.  */
const programs: Readonly<
  Record<string, { readonly service: string; readonly plain: Protocol; readonly tls: Protocol }>
> = {
  'imap-login': { service: 'imap', plain: 'imap', tls: 'imaps' },
  'pop3-login': { service: 'pop3', plain: 'pop3', tls: 'pop3s' },
  'submission-login': { service: 'submission', plain: 'smtp', tls: 'smtps' },
  'managesieve-login': { service: 'sieve', plain: 'sieve', tls: 'tls' },
  lmtp: { service: 'lmtp', plain: 'lmtp', tls: 'tls' },
};

/**
 * From `doveconf listen protocols service`, which has the built-in defaults in it. Not told: listeners behind HAProxy's
 * protocol, which answer nothing to who comes directly.
 */
export function listenersIn(whole: Section): readonly Listener[] {
  const enabled = enabledProtocols(whole);
  const everywhere = whole.settings.get('listen') ?? '';
  return whole.sections
    .filter(({ kind }) => kind === 'service')
    .flatMap((service) => {
      const program =
        programs[(service.settings.get('executable') ?? '').replace(/^.*\/|\s.*$/g, '')];
      const only = service.settings.get('protocol') ?? '';
      if (program === undefined || (only !== '' && !enabled.has(only))) return [];
      return service.sections
        .filter(
          ({ kind, settings }) => kind === 'inet_listener' && settings.get('haproxy') !== 'yes',
        )
        .flatMap(({ settings }): Listener[] => {
          const protocol = settings.get('ssl') === 'yes' ? program.tls : program.plain;
          const port = Number(settings.get('port') ?? '0');
          if (!(port > 0)) return [];
          // 2.3 calls it `address`, 2.4 `listen`.
          const own = settings.get('listen') ?? settings.get('address') ?? '';
          const addresses = (own === '' ? everywhere : own).split(/[\s,]+/);
          return [
            { service: program.service, protocol, port, addresses: addresses.filter(Boolean) },
          ];
        });
    });
}

/** `protocols = imap lmtp`, or in 2.4 also `protocols { imap = yes }`. */
function enabledProtocols(whole: Section): ReadonlySet<string> {
  const listed = (whole.settings.get('protocols') ?? '').split(/[\s,]+/);
  const switched = whole.sections
    .filter(({ kind }) => kind === 'protocols')
    .flatMap(({ settings }) =>
      [...settings].filter(([, on]) => on === 'yes').map(([name]) => name),
    );
  return new Set([...listed, ...switched]);
}
