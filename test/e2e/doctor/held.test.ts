import { expect, test } from 'vitest';
import { startTestAuthority, type TestAuthority } from '../../authority/authority.js';
import { openPractice } from './practice.js';

test('an authority that said when it wants to be asked again is not asked out of curiosity', async () => {
  const started: TestAuthority[] = [];
  await using practice = await openPractice({
    authorities: async (lab, lookup) => {
      started.push(await startTestAuthority(lab, { name: 'first', lookup }));
      return started;
    },
  });
  const [first] = started;
  first?.conduct.trouble.set('new-order', { kind: 'busy', retryAfterMs: 3_600_000 });
  await practice.serve(practice.cname);
  const refused = await practice.hub.run(['issue', 'example.org']);
  expect(refused.code).toBe(1);
  const before = first?.requests();
  const { stdout } = await practice.doctor('example.org');
  expect(stdout).toMatch(/look +nothing is asked of it until \S+, after: pebble:/);
  expect(stdout).toContain('was not asked');
  expect(first?.requests()).toBe(before);
});
