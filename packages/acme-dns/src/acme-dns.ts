import { randomBytes } from 'node:crypto';
import { errorText, Opened, systemClock } from '@sixhub/base';
import { Api } from './authority/api.js';
import type { Account } from './domain/account.js';
import { listenText, type ListenAddress } from './domain/listen-address.js';
import { nextSerial } from './domain/serial.js';
import { ThreadedNameServer } from './dns/threaded-name-server.js';
import type { DnsSettings } from './dns/dns-calls.js';
import { zoneOf } from './dns/zone-error.js';
import { ForeignChanges } from './foreign-changes.js';
import { metricsText } from './http/metrics-text.js';
import { MetricsServer } from './http/metrics-server.js';
import { Pace } from './http/pace.js';
import { Ledger } from './ledger.js';
import type { AcmeDns, AcmeDnsOptions, AccountWithPassword, NewAccount } from './options.js';
import { silentLog } from './ports.js';
import { Registry, type RegistrySettings } from './registry.js';
import { SlowPasswords } from './passwords/slow-passwords.js';
import { Secrets } from './passwords/secrets.js';
import { ThreadedStore } from './store/threaded-store.js';
import { Sweep } from './sweep.js';

/**
 * Three threads: this one decides (HTTP, accounts, passwords' fast hashes), one answers DNS and does nothing else, one
 * waits for the disk. At the start everything is loaded before the first socket opens, so no name is ever denied that
 * exists.
 */
export async function createAcmeDns(options: AcmeDnsOptions): Promise<AcmeDns> {
  zoneOf(options); // its errors before any thread or file
  const log = options.log ?? silentLog;
  const ended = (error: Error): void => {
    log.error({ error: errorText(error) }, 'a thread ended');
    options.onEnded?.(error);
  };
  await using opened = new Opened();
  const store = opened.use(new ThreadedStore(options.database, ended));
  const origin = await store.origin();
  const clock = options.clock ?? systemClock;
  const serial = nextSerial(origin.serial, Math.floor(clock.now().getTime() / 1_000));
  const nameServer = opened.use(
    new ThreadedNameServer(
      { settings: dnsSettings(options), serial, cookieSecret: randomBytes(16) },
      ended,
    ),
  );
  const ledger = new Ledger({
    store,
    nameServer,
    clock,
    serial,
    sequence: origin.sequence,
    patienceMs: options.tuning?.databasePatienceMs ?? 5_000,
  });
  await ledger.load();
  const registry = new Registry({
    ledger,
    secrets: new Secrets(origin.key),
    slowPasswords: opened.use(new SlowPasswords()),
    clock,
    settings: registrySettings(options),
  });
  const addresses = await nameServer.listen(
    options.listen,
    options.tuning?.protocols ?? ['udp', 'tcp'],
  );
  const { batchedUdp } = await nameServer.counters();
  log.info({ addresses: addresses.map(listenText), batchedUdp }, 'DNS is answered');
  const pace = opened.use(new Pace(() => nameServer.utilization()));
  const api =
    options.http === undefined
      ? undefined
      : opened.use(
          await Api.open(options.http, domainOf(options), {
            registry,
            log,
            clock,
            pace,
            publish: (values) =>
              nameServer.apply([{ subdomain: '_acme-challenge', values }], ledger.currentSerial),
          }),
        );
  opened.use(new Sweep(registry, log, clock));
  opened.use(new ForeignChanges(store, ledger, log, clock));
  const metrics = async (): Promise<string> =>
    metricsText(await nameServer.counters(), {
      accounts: ledger.accounts.size,
      http: api?.counts ?? new Map(),
      changes: ledger.counts.done,
      changesFailed: ledger.counts.failed,
    });
  if (options.metrics !== undefined)
    opened.use(await MetricsServer.open(options.metrics.listen, metrics));
  return new RunningAcmeDns({
    registry,
    ledger,
    nameServer,
    addresses,
    api,
    metrics,
    opened: opened.move(),
  });
}

function dnsSettings({ domain, nameServer, admin, records, tuning }: AcmeDnsOptions): DnsSettings {
  return {
    zone: { domain, nameServer, admin, records },
    rateLimit: tuning?.rateLimit ?? { perSecond: 200, slip: 2, exempt: ['127.0.0.0/8', '::1/128'] },
  };
}

function registrySettings(options: AcmeDnsOptions): RegistrySettings {
  return {
    domain: domainOf(options),
    rollingValues: options.tuning?.rollingValues ?? 2,
    valueLifetimeMs: options.tuning?.valueLifetimeMs ?? 7 * 86_400_000,
  };
}

function domainOf({ domain }: AcmeDnsOptions): string {
  return domain.replace(/\.$/, '');
}

interface Parts {
  readonly ledger: Ledger;
  readonly nameServer: ThreadedNameServer;
  readonly registry: Registry;
  readonly addresses: readonly ListenAddress[];
  readonly api: Api | undefined;
  readonly metrics: () => Promise<string>;
  readonly opened: Opened;
}

class RunningAcmeDns implements AcmeDns {
  private readonly parts: Parts;

  constructor(parts: Parts) {
    this.parts = parts;
  }

  get addresses(): readonly ListenAddress[] {
    return this.parts.addresses;
  }

  get httpAddresses(): readonly ListenAddress[] {
    return this.parts.api?.addresses ?? [];
  }

  async reload(options: AcmeDnsOptions): Promise<void> {
    zoneOf(options);
    const { ledger, nameServer, registry, api } = this.parts;
    // All that can be wrong comes first: a refused reload has changed nothing.
    if (options.http !== undefined) await api?.configure(options.http, domainOf(options));
    registry.settings = registrySettings(options);
    await ledger.grow((serial) => nameServer.reload(dnsSettings(options), serial));
  }

  metrics(): Promise<string> {
    return this.parts.metrics();
  }

  createAccount(options?: NewAccount): Promise<AccountWithPassword> {
    return this.parts.registry.create(options);
  }

  account(subdomain: string): Account | undefined {
    return this.parts.registry.account(subdomain);
  }

  publish(subdomain: string, value: string, challenge: string): Promise<void> {
    return this.parts.registry.publish(subdomain, value, challenge);
  }

  withdraw(subdomain: string, challenge: string): Promise<void> {
    return this.parts.registry.withdraw(subdomain, challenge);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.parts.opened[Symbol.asyncDispose]();
  }
}
