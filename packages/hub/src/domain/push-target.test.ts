import { expect, test } from 'vitest';
import { dailyMs, inForm, pushForms, pushRetryMs } from './push-target.js';

test('again after 1, 10, 100 minutes, then daily', () => {
  expect([1, 2, 3, 4, 9].map(pushRetryMs)).toEqual([60_000, 600_000, 6_000_000, dailyMs, dailyMs]);
});

test('each form ends with one newline, whatever its parts end with', () => {
  const parts = { leaf: 'leaf\n\n', chain: '', key: 'key' };
  expect(pushForms.map((form) => inForm(form, parts))).toEqual([
    'leaf\n',
    'leaf\n',
    '',
    'key\n',
    'leaf\nkey\n',
    'key\nleaf\n',
  ]);
});
