import type { Counters } from '../dns/counters.js';

/** What /metrics tells beside the DNS counters. */
export interface Gauges {
  readonly accounts: number;
  readonly http: ReadonlyMap<string, number>;
  readonly changes: number;
  readonly changesFailed: number;
}

/** The counters in Prometheus' text format 0.0.4. */
export function metricsText(dns: Counters, gauges: Gauges): string {
  const { queries, outcomes, limited, connections } = dns;
  return [
    ...family(
      'acme_dns_queries_total',
      'counter',
      'DNS queries received',
      labelled('transport', queries),
    ),
    ...family(
      'acme_dns_answers_total',
      'counter',
      'DNS queries by what came of them',
      labelled('outcome', outcomes),
    ),
    ...family('acme_dns_silent_total', 'counter', 'Messages that were no query', [
      ['', dns.silent],
    ]),
    ...family(
      'acme_dns_rate_limited_total',
      'counter',
      'Answers held back by response rate limiting',
      labelled('action', limited),
    ),
    ...family('acme_dns_udp_batched', 'gauge', 'Datagrams come and go by the batch, 1 for yes', [
      ['', dns.batchedUdp ? 1 : 0],
    ]),
    ...family('acme_dns_tcp_connections', 'gauge', 'Open DNS connections', [
      ['', connections.open],
    ]),
    ...family('acme_dns_tcp_accepted_total', 'counter', 'DNS connections accepted', [
      ['', connections.accepted],
    ]),
    ...family('acme_dns_tcp_closed_total', 'counter', 'DNS connections closed by the server', [
      ['{reason="idle"}', connections.closedIdle],
      ['{reason="slow"}', connections.closedSlow],
      ['{reason="full"}', connections.closedFull],
    ]),
    ...family('acme_dns_accounts', 'gauge', 'Registered accounts', [['', gauges.accounts]]),
    ...family('acme_dns_changes_total', 'counter', 'Changes made durable', [['', gauges.changes]]),
    ...family('acme_dns_changes_failed_total', 'counter', 'Changes that the database refused', [
      ['', gauges.changesFailed],
    ]),
    ...family(
      'acme_dns_http_requests_total',
      'counter',
      'API requests by path and status',
      [...gauges.http].map(([key, value]) => {
        const [path = '', status = ''] = key.split(' ');
        return [`{path="${path}",status="${status}"}`, value] as const;
      }),
    ),
    '',
  ].join('\n');
}

function family(
  name: string,
  type: 'counter' | 'gauge',
  help: string,
  samples: readonly (readonly [string, number])[],
): readonly string[] {
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...samples.map(([labels, value]) => `${name}${labels} ${value}`),
  ];
}

function labelled(
  label: string,
  values: Readonly<Record<string, number>>,
): readonly (readonly [string, number])[] {
  return Object.entries(values).map(([key, value]) => [`{${label}="${key}"}`, value]);
}
