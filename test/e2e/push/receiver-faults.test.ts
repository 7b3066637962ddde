import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { callReceiver, receiver, sample, shells, type Ended } from './sample.js';

let place = '';
let list = '';
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'sixhub-receiver-'));
  list = join(place, 'push.conf');
  await mkdir(join(place, 'tls'));
  await writeFile(list, listOf('example.org'), { mode: 0o644 });
});
afterEach(() => rm(place, { recursive: true }));

const forms = ['fullchain', 'privkey', 'joined'];
const file = (name: string): string => join(place, 'tls', name);
const listOf = (name: string): string =>
  [
    `state ${place}/state`,
    `certificate ${name}`,
    ...forms.map((form) => `file ${form} ${file(form)}`),
    '',
  ].join('\n');
const content = (): Promise<readonly string[]> =>
  Promise.all(forms.map((form) => readFile(file(form), 'utf8')));

describe.each(shells)('under %s', (_name, shell) => {
  const call = (request: string, input = '', program = receiver): Promise<Ended> =>
    callReceiver([...shell, program, list], `sixhub-push 1 ${request}`, input);
  const ask = async (step: string, input = ''): Promise<string> => {
    const result = await call(step, input);
    expect({ step, ...result }).toMatchObject({ step, kind: 'exited', code: 0, stderr: '' });
    return result.stdout;
  };
  const put = async (bundle: string, id: string, name = 'example.org'): Promise<void> => {
    await ask(`stage ${name} ${id}`, bundle);
    await ask(`switch ${name} ${id}`);
    await ask(`done ${name} ${id}`);
  };
  /** The program, made to do something else at one place. */
  const changed = async (from: string, to: string): Promise<string> => {
    const program = await readFile(receiver, 'utf8');
    expect(program.split(from)).toHaveLength(2);
    const path = join(place, 'changed');
    await writeFile(
      path,
      program.replace(from, () => to),
    );
    return path;
  };
  const refusal = async (step: string, input = ''): Promise<string> => {
    const result = await call(step, input);
    expect(result).toMatchObject({ kind: 'exited', code: 73 });
    return result.stderr;
  };

  test.each([
    ...[1, 2, 3].map((at) => ['killed', at, 'kill -9 $$'] as const),
    ...[1, 2, 3].map((at) => ['refused', at, 'fail 74 "no rename today"'] as const),
  ])('%s before rename %i of a switch: the next push begins from the old files', async (...way) => {
    const [, at, does] = way;
    const [one, two] = [await sample(place, 'one'), await sample(place, 'two')];
    await put(one.bundle, '0a');
    const before = await content();
    await ask('stage example.org 0b', two.bundle);
    const forward = 'put_forward() {';
    const program = await changed(forward, `${forward} [ "$count" != ${at} ] || ${does};`);
    const broken = await call('switch example.org 0b', '', program);
    expect(broken.kind === 'killed' || broken.code === 74).toBe(true);
    expect(await ask('show example.org')).toContain('push 0b switching');
    await ask('back example.org 0b');
    expect(await content()).toEqual(before);
    expect((await readdir(join(place, 'tls'))).toSorted()).toEqual(forms.toSorted());
    await put(two.bundle, '0c');
    expect((await content())[1]).toBe(two.key);
  });

  test('a directory on the way to a file, to the list or to the state, that others may write', async () => {
    const { bundle } = await sample(place, 'one');
    const stage = 'stage example.org 0a';
    await chmod(join(place, 'tls'), 0o1777);
    expect(await refusal(stage, bundle)).toContain('tls/ may be written by everybody');
    await chmod(join(place, 'tls'), 0o775);
    expect(await refusal(stage, bundle)).toContain('tls/ may be written by its group');
    await chmod(join(place, 'tls'), 0o755);
    await chown(join(place, 'tls'), 1, 0);
    expect(await refusal(stage, bundle)).toContain('tls/ belongs to the user 1');
    await chown(join(place, 'tls'), 0, 0);
    await chmod(place, 0o777);
    expect(await refusal('list')).toContain('may be written by everybody');
    await chmod(place, 0o700);
    // Above it, and behind a link.
    await mkdir(join(place, 'of', 'app', 'tls'), { recursive: true });
    await chown(join(place, 'of', 'app'), 1, 0);
    await symlink(join(place, 'of/app/tls'), join(place, 'led'));
    const [above, led] = [join(place, 'of/app/tls/key'), join(place, 'led/key')];
    for (const path of [above, led]) {
      await writeFile(list, `${listOf('example.org')}file privkey ${path}\n`);
      expect(await refusal(stage, bundle)).toContain('of/app belongs to the user 1');
    }
    await chown(join(place, 'of', 'app'), 0, 0);
    await ask(stage, bundle);
    await chown(join(place, 'state'), 1, 0);
    expect(await refusal(stage, bundle)).toContain('state belongs to the user 1');
    expect((await stat(join(place, 'state'))).uid).toBe(1);
  });

  test('a lock of a machine that started since, or of one that hangs, is nobody’s', async () => {
    const { bundle } = await sample(place, 'one');
    const lock = join(place, 'state/lock');
    const pid = join(lock, 'pid');
    const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
    await ask('show example.org');
    await mkdir(lock);
    await writeFile(pid, `${process.pid} another-boot\n`);
    await put(bundle, '0a');
    await mkdir(lock);
    await writeFile(pid, `${process.pid} ${boot}\n`);
    const long = new Date(Date.now() - 21 * 60_000);
    await utimes(pid, long, long);
    await put(bundle, '0b');
    expect(await readdir(join(place, 'state'))).toEqual(['of-example.org']);
  });

  test('one whose lock was taken over changes nothing, and leaves the lock to its new holder', async () => {
    const { bundle } = await sample(place, 'one');
    const [from, lock] = ['rm -f "$parts/all"', `${place}/state/lock`];
    const program = await changed(from, `${from}; echo '1 other' > ${lock}/pid`);
    const late = await call('stage example.org 0a', bundle, program);
    expect(late).toMatchObject({ kind: 'exited', code: 75 });
    expect(await readFile(join(lock, 'pid'), 'utf8')).toBe('1 other\n');
    expect(await readdir(join(place, 'tls'))).toEqual([]);
  });

  test('show has whole certificates and nothing else, whatever the file is', async () => {
    const { bundle, key, certificate } = await sample(place, 'one');
    await put(bundle, '0a');
    const [secret = ''] = key.split('\n').slice(1);
    const cut = certificate.replace(/-----END.*\n/, '');
    await writeFile(file('fullchain'), `${cut}${key}${certificate}`);
    await writeFile(file('joined'), `${cut} ${key}`);
    await writeFile(file('privkey'), cut + key.split('\n').slice(1).join('\n'));
    const shown = await ask('show example.org');
    expect(shown).not.toContain(secret);
    expect(shown).not.toContain('PRIVATE');
    expect(shown.split(certificate)).toHaveLength(2);
  });

  test.each(['lock', 'parts'])('a certificate may be named %s', async (name) => {
    await writeFile(list, listOf(name));
    await put((await sample(place, 'one')).bundle, '0a', name);
    expect(await ask(`show ${name}`)).toContain('push - - same');
  });
});
