import { certificateName, type WantedCertificate } from '@sixhub/protocol';
import type { Copy } from '../domain/keeping.js';
import type { Remembered } from '../domain/remembered.js';
import type { Service } from '../domain/service.js';
import type { TreeVersion } from '../domain/version.js';

/** Values of the domain for unit tests, each complete, changed where a test means it. */

export const noon = new Date('2026-06-01T12:00:00.000Z');

export function later(hours: number): Date {
  return new Date(noon.getTime() + hours * 3_600_000);
}

export function sampleService(change: Partial<Service> = {}): Service {
  return {
    name: 'apache',
    kind: 'apache',
    certificates: [certificateName.parse('example.org')],
    configuration: undefined,
    connect: [{ protocol: 'tls', host: '::1', port: 443 }],
    names: [],
    unit: undefined,
    checks: [['true']],
    reload: ['true'],
    revive: ['true'],
    graceMs: 1_000,
    ...change,
  };
}

export function sampleWanted(change: Partial<WantedCertificate> = {}): WantedCertificate {
  return {
    name: certificateName.parse('example.org'),
    version: '00000000-0000-4000-8000-000000000002',
    fingerprint: 'new'.padEnd(64, '0'),
    names: ['example.org', '*.example.org'],
    notAfter: later(2_000).toISOString(),
    revoked: [],
    ...change,
  };
}

export function sampleVersion(change: Partial<TreeVersion> = {}): TreeVersion {
  return {
    target: '../sixhub/example.org/00000000-0000-4000-8000-000000000001',
    fingerprint: 'old'.padEnd(64, '0'),
    notAfter: later(500),
    ...change,
  };
}

export function sampleRemembered(change: Partial<Remembered> = {}): Remembered {
  return {
    version: sampleWanted().version,
    installed: true,
    detail: '',
    services: [{ service: 'apache', state: 'serving', detail: '', at: noon.toISOString() }],
    failures: 0,
    lookedAt: noon.toISOString(),
    reported: true,
    ...change,
  };
}

export function sampleCopy(change: Partial<Copy> = {}): Copy {
  return {
    path: '/etc/haproxy/certs/example.org.pem',
    form: 'joined',
    rights: { owner: 'haproxy', uid: 0, group: 'haproxy', gid: 0, mode: 0o640 },
    passwordFile: undefined,
    alias: 'example.org',
    ...change,
  };
}
