import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { shellLine } from './shell-word.js';

const words = [
  '',
  'plain',
  'a b',
  "it's",
  "''",
  '"$HOME"',
  '$(id)',
  '`id`',
  '*',
  '~',
  '#',
  ';',
  '&',
  '!x',
  'a\nb',
  '-n',
  'A=b',
  '=ls',
  '{a,b}',
  'ü',
];

test.each(['sh', 'bash', 'zsh', 'fish'])('%s takes each word as it is', (shell) => {
  const line = shellLine(['printf', '%s|', ...words]);
  expect(execFileSync(shell, ['-c', line], { encoding: 'utf8' })).toBe(`${words.join('|')}|`);
});

test('what can stand alone is not quoted; what no shell takes is refused', () => {
  expect(shellLine(['systemctl', 'enable', '--now', 'a.timer'])).toBe(
    'systemctl enable --now a.timer',
  );
  expect(() => shellLine(['a\0b'])).toThrow(TypeError);
  expect(() => shellLine(['a\\b'])).toThrow(TypeError);
});
