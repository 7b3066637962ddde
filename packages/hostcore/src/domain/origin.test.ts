import { expect, test } from 'vitest';
import { sha256 } from '../config/read-estate.js';
import { bodyOf, ownership, withOrigin } from './origin.js';
import { diffLines, diffWords } from './text-diff.js';

const origin = { host: 'merlin', purpose: 'For a test.', config: '/etc/sixhub/host.toml' };

test.each(['#', '//', 'json'] as const)('a file with %s knows whether it was edited', (mark) => {
  const body = mark === 'json' ? '  "a": 1\n}\n' : 'one\ntwo\n';
  const text = withOrigin(origin, body, sha256, mark);
  expect(text).toContain('For a test.');
  expect(text).toContain('/etc/sixhub/host.toml');
  expect(bodyOf(text)).toBe(body);
  expect(ownership(text, sha256)).toBe('ours');
  expect(ownership(`${text} `, sha256)).toBe('edited');
  expect(ownership(body, sha256)).toBe('foreign');
  if (mark !== 'json') {
    const lines = text.split('\n');
    for (const left of [lines.toSpliced(3, 1), lines.toSpliced(1, 1).toSpliced(2, 1)]) {
      expect(ownership(left.join('\n'), sha256)).toBe('edited');
      expect(bodyOf(left.join('\n'))).toBe(body);
    }
  }
  if (mark === 'json') expect(JSON.parse(text)).toMatchObject({ a: 1 });
});

test('a first line for the kernel may stand before', () => {
  const text = `#!/bin/sh\n${withOrigin(origin, 'exit 0\n', sha256)}`;
  expect(ownership(text, sha256)).toBe('ours');
});

test('where spaces say nothing, what differs in them alone is no difference', () => {
  const before = 'a {\n\t\tb  one;\n        c two;\n};\n';
  const after = 'a {\n  b one;\n  c three;\n};\n';
  expect(diffWords(before, after)).toEqual([
    ' a {',
    '   b one;',
    '-        c two;',
    '+  c three;',
    ' };',
  ]);
});

test('a diff shows what changes, with what stands around it', () => {
  const before = 'a\nb\nc\nd\ne\nf\ng\nh\ni\n';
  const after = 'a\nb\nc\nD\ne\nf\ng\nh\ni\nj\n';
  expect(diffLines(before, after, 1)).toEqual([' c', '-d', '+D', ' e', '…', ' i', '+j']);
  expect(diffLines(before, before)).toEqual([]);
  expect(diffLines('', 'a\n')).toEqual(['+a']);
  expect(diffLines('a\n', '')).toEqual(['-a']);
});
