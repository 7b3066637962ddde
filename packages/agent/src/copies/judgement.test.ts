import { expect, it } from 'vitest';
import { sampleCopy } from '../testing/samples.js';
import { copyFault, type FoundCopy } from './judgement.js';
import type { MadeCopy } from './record.js';

const copy = sampleCopy();
const found = { kind: 'file', sha256: 'aa', rights: { uid: 0, gid: 0, mode: 0o100640 } } as const;
const made: MadeCopy = {
  path: copy.path,
  sha256: 'aa',
  version: 'new',
  form: copy.form,
  alias: copy.alias,
};
const wanted = { copy, version: 'new', passwordWritten: undefined };

it('finds in order what the agent made of this version', () => {
  expect(copyFault(wanted, found, [made])).toBeUndefined();
});

it('finds the same bytes in order for both versions that they are of', () => {
  const both = [{ ...made, version: 'old' }, made];
  expect(copyFault(wanted, found, both)).toBeUndefined();
  expect(copyFault({ ...wanted, version: 'old' }, found, both)).toBeUndefined();
});

it.each<[string, FoundCopy, readonly MadeCopy[]]>([
  ['is missing', { kind: 'missing' }, [made]],
  ['is a link', { kind: 'other', what: 'a link' }, [made]],
  ['was changed, or made by somebody else', { ...found, sha256: 'bb' }, [made]],
  ['was changed, or made by somebody else', found, []],
  ['was changed, or made by somebody else', found, [{ ...made, path: '/another' }]],
  ['is of another version', found, [{ ...made, version: 'old' }]],
  ['is not in the form that agent.toml asks for now', found, [{ ...made, form: 'cert' }]],
  ['is older than its password', found, [{ ...made, passwordWritten: 1 }]],
  ['does not belong to haproxy', { ...found, rights: { ...found.rights, uid: 5 } }, [made]],
  ['is not of haproxy', { ...found, rights: { ...found.rights, gid: 5 } }, [made]],
  [
    'has the mode 0644, not 0640',
    { ...found, rights: { ...found.rights, mode: 0o100644 } },
    [made],
  ],
])('says that a copy %s', (words, there, known) => {
  const asked = { ...wanted, passwordWritten: words.includes('password') ? 2 : undefined };
  expect(copyFault(asked, there, known)).toBe(`${copy.path} ${words}`);
});
