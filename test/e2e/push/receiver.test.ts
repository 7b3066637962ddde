import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '@sixhub/base';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { programFile } from '../../lab/index.js';
import { callReceiver, receiver, sample, shells, type Ended, type Sample } from './sample.js';

let place = '';
let list = '';
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'sixhub-receiver-'));
  list = join(place, 'push.conf');
  await mkdir(join(place, 'tls'));
  await writeList();
});
afterEach(() => rm(place, { recursive: true }));

const file = (name: string): string => join(place, 'tls', name);

async function writeList(more = ''): Promise<void> {
  await writeFile(
    list,
    `# of this host
state ${place}/state

certificate example.org
file fullchain ${file('fullchain.pem')} 644
file privkey ${file('privkey.pem')} 640 root:daemon
file joined ${file('joined.pem')} 600
check test ! -e ${place}/broken || { echo "line 7: broken"; exit 3; }
reload echo reloaded >> ${place}/reloads
${more}`,
    { mode: 0o644 },
  );
}

type Exited = Extract<Ended, { kind: 'exited' }>;
const ids = ['0a-1', '0b-2', '0c-3'] as const;

describe.each(shells)('under %s', (_name, [shell, ...words]) => {
  const call = async (request: string | undefined, input = ''): Promise<Exited> => {
    const result = await callReceiver([shell, ...words, receiver, list], request, input);
    if (result.kind === 'exited') return result;
    throw new Error(JSON.stringify(result));
  };
  const ask = async (step: string, input = ''): Promise<string> => {
    const { code, stdout, stderr } = await call(`sixhub-push 1 ${step}`, input);
    expect({ step, code, stderr }).toEqual({ step, code: 0, stderr: '' });
    return stdout;
  };
  const put = async ({ bundle }: Sample, id: string): Promise<void> => {
    await ask(`stage example.org ${id}`, bundle);
    await ask(`switch example.org ${id}`);
    await ask('reload example.org');
    await ask(`done example.org ${id}`);
  };

  test('a version is staged beside the old, switched, taken back, settled', async () => {
    const [one, two] = [await sample(place, 'one'), await sample(place, 'two')];
    expect(await ask('list')).toBe('sixhub-push 1\ncertificate example.org\n');
    expect(await ask('show example.org')).toBe(
      `push - - changed\nabsent fullchain ${file('fullchain.pem')}\nabsent privkey ${file('privkey.pem')}\nabsent joined ${file('joined.pem')}\n`,
    );
    await put(one, ids[0]);
    expect(await readFile(file('fullchain.pem'), 'utf8')).toBe(one.certificate + one.certificate);
    expect(await readFile(file('privkey.pem'), 'utf8')).toBe(one.key);
    expect(await readFile(file('joined.pem'), 'utf8')).toBe(
      one.certificate + one.certificate + one.key,
    );
    expect(await readFile(join(place, 'reloads'), 'utf8')).toBe('reloaded\n');
    const modes = await Promise.all(
      ['fullchain', 'privkey', 'joined'].map(async (name) => {
        const { mode, gid } = await stat(file(`${name}.pem`));
        return `${(mode & 0o777).toString(8)} ${gid}`;
      }),
    );
    expect(modes).toEqual(['644 0', '640 1', '600 0']);
    const shown = await ask('show example.org');
    expect(shown).toContain('push - - same\n');
    expect(shown).toContain(one.certificate);
    expect(shown).not.toContain('PRIVATE');

    await ask(`stage example.org ${ids[1]}`, two.bundle);
    expect(await readFile(file('privkey.pem'), 'utf8')).toBe(one.key);
    expect(await ask('show example.org')).toContain(`push ${ids[1]} staged same\n`);
    await ask(`switch example.org ${ids[1]}`);
    expect(await readFile(file('privkey.pem'), 'utf8')).toBe(two.key);
    expect(await ask('show example.org')).toContain(`push ${ids[1]} switched changed\n`);
    await ask(`back example.org ${ids[1]}`);
    expect(await readFile(file('privkey.pem'), 'utf8')).toBe(one.key);
    expect(await ask('show example.org')).toContain('push - - same\n');
    await put(two, ids[2]);
    expect((await readdir(join(place, 'tls'))).toSorted()).toEqual([
      'fullchain.pem',
      'joined.pem',
      'privkey.pem',
    ]);
    expect((await readdir(join(place, 'state'))).toSorted()).toEqual(['of-example.org']);
    expect((await stat(join(place, 'state'))).mode & 0o777).toBe(0o700);
  });

  test.each([
    [undefined, 64],
    ['', 64],
    ['sh', 64],
    ['/usr/lib/openssh/sftp-server', 64],
    ['internal-sftp', 64],
    ['scp -t /etc', 64],
    ['sixhub-push', 69],
    ['sixhub-push 2 list', 69],
    ['sixhub-push 1', 64],
    ['sixhub-push 1 list example.org', 64],
    ['sixhub-push 1 list; id', 64],
    ['sixhub-push 1 list\nid', 64],
    ['sixhub-push 1 list $(id)', 64],
    ['sixhub-push 1 check `id`', 64],
    ['sixhub-push 1 check *', 64],
    ['sixhub-push 1 check ../../etc', 64],
    ['sixhub-push 1 check ..', 64],
    ['sixhub-push 1 check .', 64],
    ['sixhub-push 1 check -e', 64],
    ['sixhub-push 1 check Example.org', 64],
    ['sixhub-push 1 check example.org/../x', 64],
    ['sixhub-push 1 check example.net', 65],
    ['sixhub-push 1 check example', 65],
    ['sixhub-push 1 check file', 65],
    ['sixhub-push 1 lines_of example.org', 64],
    ['sixhub-push 1 go_back example.org 0a', 64],
    ['sixhub-push 1 eval example.org', 64],
    ['sixhub-push 1 stage example.org', 64],
    ['sixhub-push 1 stage example.org ../x', 64],
    ['sixhub-push 1 stage example.org xyz', 64],
    ['sixhub-push 1 stage example.org 0a 0b', 64],
    ['sixhub-push 1 switch example.org 0a', 75],
    ['sixhub-push 1 back example.org 0a', 75],
    ['sixhub-push 1 done example.org 0a', 75],
  ])('%s ends with %i, and nothing was done', async (request, code) => {
    const { bundle } = await sample(place, 'one');
    const result = await call(request, bundle);
    expect(result).toMatchObject({ code, stdout: '' });
    expect(result.stderr).toMatch(/^sixhub-push: .+\n$/);
    expect(await readdir(join(place, 'tls'))).toEqual([]);
  });

  test('what is not one whole certificate with its key changes nothing', async () => {
    const [one, two] = [await sample(place, 'one'), await sample(place, 'two')];
    await put(one, ids[0]);
    const before = await ask('show example.org');
    for (const input of [
      '',
      'sixhub-end\n',
      two.bundle.replace('sixhub-end\n', ''),
      two.bundle.slice(0, 500),
      `${one.key}${two.certificate}sixhub-end\n`,
      `${two.key}${two.bundle}`,
      `${two.key}sixhub-end\n`,
      `${two.certificate}sixhub-end\n`,
      `reload id\n${two.bundle}`,
      two.bundle.replace(/^M/m, '$(id)'),
      'x'.repeat(400_000),
    ]) {
      expect(await call(`sixhub-push 1 stage example.org ${ids[1]}`, input)).toMatchObject({
        code: 66,
      });
    }
    expect(await ask('show example.org')).toBe(before);
    expect(await readdir(join(place, 'tls'))).toHaveLength(3);
  });

  test('the program’s own words, where it refuses', async () => {
    await writeFile(join(place, 'broken'), '');
    expect(await call('sixhub-push 1 check example.org')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('line 7: broken\n'),
    });
    await writeList('reload echo no; false\n');
    const { code, stdout } = await call('sixhub-push 1 reload example.org');
    expect({ code, stdout }).toEqual({ code: 1, stdout: 'no\n\n(echo no; false)\n' });
  });

  test('half a push: whatever step it broke off at, the next begins from the old files', async () => {
    const [one, two] = [await sample(place, 'one'), await sample(place, 'two')];
    await put(one, ids[0]);
    // As a machine leaves it that lost power between the two renames.
    await ask(`stage example.org ${ids[1]}`, two.bundle);
    await ask(`switch example.org ${ids[1]}`);
    await writeFile(join(place, 'state/of-example.org/phase'), `${ids[1]} switching\n`);
    await writeFile(file('privkey.pem'), one.key);
    await rm(file('.privkey.pem.sixhub-old'));
    await ask(`stage example.org ${ids[2]}`, two.bundle);
    expect(await readFile(file('fullchain.pem'), 'utf8')).toBe(one.certificate + one.certificate);
    expect(await readFile(file('privkey.pem'), 'utf8')).toBe(one.key);
    // The one before is refused from now on; the newest has its way.
    for (const step of ['switch', 'back', 'done']) {
      expect(await call(`sixhub-push 1 ${step} example.org ${ids[1]}`)).toMatchObject({ code: 75 });
    }
    await ask(`switch example.org ${ids[2]}`);
    expect(await call(`sixhub-push 1 switch example.org ${ids[2]}`)).toMatchObject({ code: 75 });
    await ask(`done example.org ${ids[2]}`);
    expect(await readFile(file('privkey.pem'), 'utf8')).toBe(two.key);
  });

  test('two at once: one step at a time, and what a killed one left is nobody’s', async () => {
    const one = await sample(place, 'one');
    const both = await Promise.all(
      [ids[0], ids[1]].map((id) => call(`sixhub-push 1 stage example.org ${id}`, one.bundle)),
    );
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    await mkdir(join(place, 'state/lock'));
    await writeFile(join(place, 'state/lock/pid'), '4194304\n'); // above pid_max
    await put(one, ids[2]);
  });

  test('no key is ever readable by others, not even for an instant', async () => {
    const one = await sample(place, 'one');
    await writeList();
    const trace = await runProgram(
      programFile('strace'),
      [
        '-f',
        '-e',
        'trace=openat,open,chmod,fchmodat,rename,renameat,renameat2',
        shell,
        ...words,
        receiver,
        list,
      ],
      {
        input: one.bundle,
        env: {
          PATH: '/nowhere',
          SSH_ORIGINAL_COMMAND: `sixhub-push 1 stage example.org ${ids[0]}`,
        },
      },
    );
    if (trace.kind !== 'exited') throw new Error(JSON.stringify(trace));
    const made = trace.stderr
      .split('\n')
      .filter((line) => /O_CREAT/.test(line) && line.includes(place));
    expect(made.length).toBeGreaterThan(5);
    expect(made.filter((line) => /sixhub-new/.test(line) && !/O_EXCL/.test(line))).toEqual([]);
    expect((await stat(file('.privkey.pem.sixhub-new'))).mode & 0o777).toBe(0o640);
  });

  test('a list that others may write, or that names what is no file of this host, is not taken', async () => {
    const refused = async (step = 'list'): Promise<string> => {
      const result = await call(`sixhub-push 1 ${step}`, (await sample(place, 'one')).bundle);
      expect(result.code).toBe(73);
      return result.stderr;
    };
    await chmod(list, 0o666);
    expect(await refused()).toContain('may be written by everybody');
    await chmod(list, 0o664);
    expect(await refused()).toContain('may be written by its group');
    await chmod(list, 0o644);
    await writeFile(list, 'certificate ../x\n');
    expect(await refused()).toContain("'../x' is no certificate's name");
    await writeFile(list, 'run id\n');
    expect(await refused()).toContain("'run' is no word of it");
    const stage = `stage example.org ${ids[0]}`;
    for (const [line, words] of [
      ['file pkcs12 /x', 'no form'],
      ['file privkey x.pem', 'no whole path'],
      [`file privkey ${place}/none/x.pem`, 'is not there'],
      [`file privkey ${place}`, 'is a directory'],
      [`file privkey ${place}/link`, 'is a link'],
      [`file privkey ${place}/x.pem rw`, 'is no mode'],
      ['reload true', 'no file stands below'],
    ]) {
      await rm(join(place, 'link'), { force: true });
      await symlink('/etc/passwd', join(place, 'link'));
      await writeFile(list, `state ${place}/state\ncertificate example.org\n${line}\n`);
      expect(await refused(stage)).toContain(words);
    }
    await rm(list);
    expect(await refused()).toContain('is not there');
  });
});
