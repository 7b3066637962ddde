import { serviceState } from '@sixhub/protocol';
import type { Clock } from '@sixhub/base';
import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { Store } from '../store/store.js';
import { version } from '../version.js';

export interface MetricsContext {
  readonly store: Store;
  readonly clock: Clock;
  readonly authorities: readonly { readonly name: string; readonly directory: string }[];
  /** Agents whose request is held until there is something new. */
  readonly waiting: () => number;
  /** Of the built-in acme-dns, in the same format. */
  readonly acmeDns: () => Promise<string>;
}

/**
 * What has a series of its own is bounded, the most urgent first: a hub of 100,000 certificates has 1,000 series of
 * certificates, those that are next to be late, and exact counts of all. An alert needs no other.
 */
const named = 1_000;

/** Of prom-client: gauges with the name of a counter, which `promtool check metrics` refuses. */
const misnamed = ['handles', 'requests', 'resources'].map((kind) => `nodejs_active_${kind}_total`);

/** Names and units as Prometheus has them: seconds, `_total` for counters, times as `_timestamp_seconds`. */
export class Metrics {
  readonly #context: MetricsContext;
  readonly #registry = new Registry();
  readonly #gauges: ReturnType<typeof gauges>;
  readonly #requests: Counter<'route' | 'method' | 'status'>;

  constructor(context: MetricsContext) {
    this.#context = context;
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: 100 });
    for (const name of misnamed) this.#registry.removeSingleMetric(name);
    this.#gauges = gauges(this.#registry);
    this.#requests = new Counter({
      name: 'sixhub_http_requests_total',
      help: 'Requests to the REST API by route, method and status',
      labelNames: ['route', 'method', 'status'],
      registers: [this.#registry],
    });
    new Gauge({
      name: 'sixhub_build_info',
      help: 'The version that runs, 1',
      labelNames: ['version'],
      registers: [this.#registry],
    }).set({ version }, 1);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Counts by the route's pattern, never by what was asked for: nobody makes series by asking. */
  watch(app: FastifyInstance): void {
    app.addHook('onResponse', async ({ routeOptions, method }, { statusCode }) => {
      const route = routeOptions.url ?? 'none';
      this.#requests.inc({
        route,
        method: known.has(method) ? method : 'other',
        status: statusCode,
      });
    });
  }

  async text(): Promise<string> {
    await this.#collect();
    const [own, acmeDns] = await Promise.all([this.#registry.metrics(), this.#context.acmeDns()]);
    return `${own.trimEnd()}\n${acmeDns}`;
  }

  async #collect(): Promise<void> {
    const { store, clock, authorities } = this.#context;
    const statistics = store.statistics;
    const set = this.#gauges;
    const counts = await statistics.counts(clock.now());
    set.certificates.set({ state: 'all' }, counts.certificates);
    set.certificates.set({ state: 'unissued' }, counts.unissued);
    set.certificates.set({ state: 'late' }, counts.late);
    set.certificates.set({ state: 'expired' }, counts.expired);
    set.running.set(counts.running);
    set.due.set(counts.renewalsDue);
    set.delegations.set({ state: 'all' }, counts.delegations);
    set.delegations.set({ state: 'gone' }, counts.delegationsGone);
    set.agents.set({ state: 'invited' }, counts.invited);
    set.agents.set({ state: 'active' }, counts.active);
    set.agents.set({ state: 'silent' }, counts.silent);
    set.agents.set({ state: 'waiting' }, this.#context.waiting());
    set.grants.set(counts.grants);

    for (const gauge of set.named) gauge.reset();
    for (const { name, notBefore, notAfter } of await statistics.ending(named)) {
      set.notAfter.set({ certificate: name }, seconds(notAfter));
      set.notBefore.set({ certificate: name }, seconds(notBefore));
    }
    for (const { name, failures, failed } of await statistics.failing(named)) {
      set.failures.set({ certificate: name }, failures);
      set.failed.set({ certificate: name }, failed ? 1 : 0);
    }
    for (const [domain, { since }] of [...(await store.delegations.gone())].slice(0, named)) {
      set.gone.set({ domain }, seconds(since));
    }
    for (const { name, lastSeenAt, reportedAt } of await statistics.agents(named)) {
      set.seen.set({ agent: name }, seconds(lastSeenAt));
      if (reportedAt !== undefined) set.reported.set({ agent: name }, seconds(reportedAt));
    }
    const failing = await statistics.failingServices();
    for (const state of serviceState.exclude(['serving']).options) {
      set.failing.set({ state }, failing.get(state) ?? 0);
    }
    const broken = await statistics.failedDeployments(named);
    for (const { agent, certificate, since } of broken) {
      set.notServing.set({ agent, certificate }, seconds(since));
    }
    const rollouts = await store.rollouts.unfinished();
    for (const state of ['running', 'stopped', 'back'] as const) {
      const inState = rollouts.filter((rollout) => rollout.state === state);
      set.rollouts.set({ state }, inState.length);
      if (state !== 'stopped') continue;
      for (const { certificate, changedAt } of inState.slice(0, named)) {
        set.stopped.set({ certificate }, seconds(changedAt));
      }
    }
    const held = new Map(
      (await statistics.holds(clock.now())).map(({ directory, until }) => [directory, until]),
    );
    for (const { name, directory } of authorities) {
      const until = held.get(directory);
      set.held.set({ authority: name }, until === undefined ? 0 : 1);
      if (until !== undefined) set.heldUntil.set({ authority: name }, seconds(until));
    }
    set.auditLines.set((await statistics.auditHead())?.seq ?? 0);
  }
}

const known = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS']);

function seconds(date: Date): number {
  return date.getTime() / 1_000;
}

function gauges(registry: Registry) {
  const registers = [registry];
  const gauge = <L extends string>(name: string, help: string, ...labelNames: L[]): Gauge<L> =>
    new Gauge<L>({ name: `sixhub_${name}`, help, labelNames, registers });
  const notAfter = gauge(
    'certificate_not_after_timestamp_seconds',
    'When the newest version of a certificate ends; those that are next to be late',
    'certificate',
  );
  const notBefore = gauge(
    'certificate_not_before_timestamp_seconds',
    'When the newest version of a certificate began; of the same ones',
    'certificate',
  );
  const failures = gauge(
    'certificate_issuance_failures',
    'Failed attempts in a row of the latest issuance; only where there are some',
    'certificate',
  );
  const failed = gauge(
    'certificate_issuance_failed',
    'The latest issuance ended without a version, 1: a person has to change something',
    'certificate',
  );
  const gone = gauge(
    'delegation_gone_since_timestamp_seconds',
    'Since when the CNAME of a domain is gone; only those that are',
    'domain',
  );
  const seen = gauge(
    'agent_last_seen_timestamp_seconds',
    'When an agent was heard of last; those longest ago',
    'agent',
  );
  const reported = gauge(
    'agent_last_report_timestamp_seconds',
    'When an agent reported last; of the same ones',
    'agent',
  );
  const notServing = gauge(
    'deployment_not_serving_since_timestamp_seconds',
    'Since when a service does not serve what was installed, or nothing was',
    'agent',
    'certificate',
  );
  const stopped = gauge(
    'rollout_stopped_since_timestamp_seconds',
    'Since when the rollout of the newest version waits for a person',
    'certificate',
  );
  const held = gauge('authority_held', 'An authority is not asked for now, 1', 'authority');
  const heldUntil = gauge(
    'authority_held_until_timestamp_seconds',
    'Until when an authority is not asked; only those that are held',
    'authority',
  );
  const byName = {
    ...{ notAfter, notBefore, failures, failed, gone, seen, reported },
    ...{ notServing, stopped, held, heldUntil },
  };
  return {
    certificates: gauge(
      'certificates',
      'Certificates by state; late: less than a quarter of the lifetime is left',
      'state',
    ),
    running: gauge(
      'issuances_running',
      'Issuances that are not finished, those that wait included',
    ),
    due: gauge('renewals_due', 'Certificates that the planner should have looked at by now'),
    delegations: gauge('delegations', 'Domains with a CNAME target here', 'state'),
    agents: gauge(
      'agents',
      'Agents by state; those that are silent, or wait for news, are active, too',
      'state',
    ),
    failing: gauge(
      'services_failing',
      'Services on agents that do not serve the version that they should, by state',
      'state',
    ),
    rollouts: gauge(
      'rollouts',
      'Newest versions that are not given to all agents; back: all have the version before',
      'state',
    ),
    grants: gauge('grants', 'Certificates that agents may have, counted for each agent'),
    auditLines: gauge(
      'audit_last_line',
      'Number of the newest line of the audit log; it never falls',
    ),
    ...byName,
    named: Object.values(byName),
  };
}
