import { describe, expect, test } from 'vitest';
import { sha256 } from '../config/read-estate.js';
import { render } from './render.js';
import { planFiles, withBlock, type FileChange } from '../domain/plan/files.js';
import { hostOf } from '../testing/sample-host.js';

const toml = `[host.merlin]
release = "debian12"
uplink.device = "eno1"
ipv6.network = "2a01:4f8:1:3::/64"
extras.raid-mail = "root+raid@example.org"
`;

const path = '/etc/mdadm/mdadm.conf';

function planned(present: Readonly<Record<string, string>>): readonly FileChange[] {
  const host = hostOf(toml);
  const rendered = render(host, 'host.toml', sha256);
  const whole = { release: undefined, hostname: undefined, packages: undefined, kernel: undefined };
  const facts = { ...whole, files: new Map(Object.entries(present)) };
  return planFiles(host, rendered, facts, sha256).filter((file) => file.path.includes('mdadm'));
}

describe('raid-mail', () => {
  test("Debian's own line is silenced, since mdadm takes the first and ignores the rest", () => {
    const [change, ...more] = planned({ [path]: 'MAILADDR root\nARRAY /dev/md/0 metadata=1.2\n' });
    expect(more).toEqual([]);
    expect(change).toMatchObject({ path, action: 'change', edited: false });
    expect(change?.diff).toEqual(
      expect.arrayContaining([
        '-MAILADDR root',
        '+# hostcore: MAILADDR root',
        '+MAILADDR root+raid@example.org',
      ]),
    );
    expect(change?.diff).not.toContain('-ARRAY /dev/md/0 metadata=1.2');
  });

  test.each(['MAILADDR root+raid@example.org', '# a\nMAILFROM x\nmail root+raid@example.org # me'])(
    'where it is there already, nothing changes: %s',
    (line) => {
      expect(planned({ [path]: `DEVICE partitions\n${line}\nMAILADDR root\n` })).toEqual([]);
    },
  );

  test('where it is the second, it counts for nothing', () => {
    const both = 'MAILADDR root\nMAILADDR root+raid@example.org\n';
    expect(planned({ [path]: both })).toMatchObject([{ path, action: 'change' }]);
  });

  test('what was done once is not done again, and what only looks like it stays', () => {
    const host = hostOf(toml);
    const file = render(host, 'host.toml', sha256).find((one) => one.path === path);
    if (file === undefined) throw new Error(path);
    const once = withBlock('mai root\nMAILFROM raid\n', file.text, file.instead);
    expect(once).toContain('# hostcore: mai root\nMAILFROM raid\n# >>> hostcore');
    expect(planned({ [path]: once })).toEqual([]);
    expect(planned({ [path]: `MAILADDR you\n${once}` })).toMatchObject([{ edited: false }]);
  });
});
