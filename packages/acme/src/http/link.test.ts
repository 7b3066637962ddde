import { expect, test } from 'vitest';
import { linkTargets } from './link.js';

const base = 'https://ca.test/cert/1';

test.each([
  [undefined, []],
  ['<https://ca.test/dir>;rel="index"', []],
  ['<https://ca.test/cert/1/1>;rel="alternate"', ['https://ca.test/cert/1/1']],
  [
    '<https://ca.test/dir>;rel="index", </cert/1/1>; rel=alternate, <2>;title="a, b";rel="up Alternate"',
    ['https://ca.test/cert/1/1', 'https://ca.test/cert/2'],
  ],
  ['<https://ca.test/cert/1/1>;title="rel=alternate"', []],
  ['<http://[>;rel="alternate"', []],
  ['rel="alternate"', []],
])('%s', (header, targets) => {
  expect(linkTargets(header, 'alternate', base)).toEqual(targets);
});
