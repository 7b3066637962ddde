import { expect, test } from 'vitest';
import { rankOf, readAgentProgram } from './agent-program.js';

test('an agent says which program it is, and on which Node', () => {
  expect(readAgentProgram('sixhub-agent/0.1.0 node/18.19.1')).toEqual({
    version: '0.1.0',
    node: '18.19.1',
  });
  expect(readAgentProgram('sixhub-agent/0.2.0~rc1')).toEqual({
    version: '0.2.0~rc1',
    node: undefined,
  });
  expect(readAgentProgram('sixhub-agent/0.2.0-rc.1 node/22.1.0 more/1')?.node).toBe('22.1.0');
});

test.each([
  undefined,
  '',
  'curl/8.0',
  'sixhub-agent/',
  'sixhub-agent/1',
  'sixhub-agent/123456.0.0',
  'sixhub-agent/0.1.0<script>',
  "sixhub-agent/0.1.0' or 1",
  'sixhub-agent/0.1.0\u001b[2J',
  `sixhub-agent/0.1.0 ${'x'.repeat(300)}`,
])('what is no agent’s word is not kept: %j', (header) => {
  expect(readAgentProgram(header)).toBeUndefined();
});

test('versions have an order, and what comes before a release is below it', () => {
  const ordered = ['0.0.9', '0.1.0~rc1', '0.1.0', '0.1.10', '0.2.0', '1.0.0-rc.1', '1.0.0'];
  expect(ordered.toSorted((one, other) => rankOf(one) - rankOf(other))).toEqual(ordered);
  expect(Number.isSafeInteger(rankOf('99999.99999.99999'))).toBe(true);
});
