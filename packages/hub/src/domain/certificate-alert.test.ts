import { certificateName } from '@sixhub/protocol';
import { expect, test } from 'vitest';
import { certificateAlert, type CertificateTrouble } from './certificate-alert.js';

const begun = new Date('2026-11-25T00:00:00Z');
const after = (minutes: number): Date => new Date(begun.getTime() + minutes * 60_000);

const trouble: CertificateTrouble = {
  name: certificateName.parse('example.org'),
  version: {
    notBefore: new Date('2026-10-01T00:00:00Z'),
    notAfter: new Date('2026-12-30T00:00:00Z'),
    revoked: undefined,
  },
  issuance: { stage: 'order', failures: 0, createdAt: begun },
  told: { kind: 'key-wanted', agent: 'web' },
  gone: [],
};

test('a machine whose key is waited for has an hour; then it is told where somebody is needed', () => {
  expect(certificateAlert(trouble, after(60))).toBeUndefined();
  expect(certificateAlert(trouble, after(61))).toMatchObject({
    severity: 'warning',
    headline: "example.org can't be renewed",
    fact: 'it waits for web to make its key',
    fix: expect.stringContaining('On web: `hub-agent run --now`'),
  });
  const first = { ...trouble, version: undefined };
  expect(certificateAlert(first, after(61))).toMatchObject({
    headline: "example.org can't be issued",
  });
});

test('a request that was refused is told with the reason', () => {
  const told = { kind: 'key-refused', agent: 'web', fact: 'it was refused: why' } as const;
  expect(certificateAlert({ ...trouble, told }, after(61))).toMatchObject({
    cause: 'certificate 0 key-refused',
    fact: 'it was refused: why',
  });
});
