import { expect, test } from 'vitest';
import { mustBe, openEstate, openPane } from '../../lab/index.js';

test('one domain at a terminal: the record whole, one line that tells what is waited for, and Ctrl-C that leaves a sane screen', async () => {
  await using estate = await openEstate();
  const { hub, nameServer } = estate;
  await hub.serve();
  const pane = await openPane(estate.lab, { columns: 80, rows: 24 });

  await pane.enter(`hub issue example.org --config ${hub.config}`);
  const waiting = await pane.until(/^example\.org waits for its CNAME · (?:[2-9]|[1-9]\d)s$/m);
  expect(waiting.match(/waits for its CNAME/g)).toHaveLength(1);
  const target = /value {2}(\S+)/.exec(waiting)?.[1];
  expect(target).toMatch(/^[0-9a-f-]{36}\.acme-dns\.beispiel\.test$/);

  await pane.press('C-c');
  const left = await pane.until(/the issuance goes on[\s\S]*^\$$/m);
  expect(left).not.toContain('waits for its CNAME');
  await pane.enter('echo exit $? && stty -a | grep -o -w echo');
  expect(await pane.until(/^echo$/m)).toContain('exit 3');

  await pane.enter(`clear; hub issue example.org --config ${hub.config}; echo exit $?`);
  await pane.until(/^example\.org waits for its CNAME · \d+s$/m);
  await nameServer.addRecord(`_acme-challenge.example.org CNAME ${target}.`);
  const done = await pane.until(/^exit 0$/m);
  expect(done).toContain('example.org: issued by Pebble');
  expect(done).toContain('SHA-256');
  expect(done).not.toMatch(/·/);
});

test('a hundred domains at a terminal of 40 columns and 12 rows: counts and what needs somebody, never higher than the terminal', async () => {
  await using estate = await openEstate();
  const { hub } = estate;
  await hub.serve();
  const domains = Array.from({ length: 100 }, (_, index) => `host-${index}.department.example.org`);
  const pane = await openPane(estate.lab, { columns: 40, rows: 12 });

  await pane.enter(`hub issue ${domains.join(' ')} --config ${hub.config}`);
  const small = await pane.until(/^100 certificates, \d+s: 100 waiting for a\n {2}CNAME$/m);
  expect(small).toMatch(/^ {2}host-\S*…\S* {2}waits\S* .*\d+s$/m);
  expect(small).toMatch(/^ {2}and \d+ more$/m);

  await pane.resize(80, 24);
  const large = await pane.until(/^100 certificates, .*: 100 waiting for a CNAME$/m);
  expect(large.match(/^100 certificates/gm)).toHaveLength(1);
  expect(large).toContain('  and 85 more');

  await pane.press('C-c');
  const left = await pane.until(/the issuances go on[\s\S]*^\$$/m);
  expect(left).not.toContain('and 85 more');
  // Each record is there to be copied, in one line for a zone file.
  const records = (await pane.everything()).match(
    /^_acme-challenge\.host-\d+\S+ 300 IN CNAME \S+\.$/gm,
  );
  expect(new Set(records)).toHaveLength(100);
});

test('several in a log: every step a line, no control characters, and how all ended in the last one', async () => {
  await using estate = await openEstate({ domains: ['example.org', 'example.net'] });
  const { hub } = estate;
  await hub.serve();
  await estate.delegate('example.org');
  const words = ['issue', 'example.org', 'example.net', '--wait-delegation', '1s'];

  const { stdout, stderr } = await mustBe(3, await hub.run(words, { env: { TERM: 'xterm' } }));
  expect(stdout).toMatch(/^example\.org: issued by Pebble.*\n$/);
  expect(stderr).toContain('example.org: validated by the authority');
  expect(stderr).toMatch(/^_acme-challenge\.example\.net\. 300 IN CNAME \S+\.$/m);
  expect(stderr.trimEnd().split('\n').at(-1)).toMatch(
    /^1 issued, 1 waiting for a CNAME \(\d+\S*\); /,
  );
  expect((stdout + stderr).replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);

  const asJson = await mustBe(3, await hub.run([...words, '--json']));
  expect(asJson.stderr).toBe('');
  const events = asJson.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(events).toContainEqual({ kind: 'unchanged', certificate: 'example.org' });
});

test.each([
  { env: { TERM: 'dumb' }, drawn: false },
  { env: { NO_COLOR: '1' }, drawn: true },
])('with $env nothing has colour', async ({ env, drawn }) => {
  await using estate = await openEstate();
  const { hub } = estate;
  await hub.serve();
  const pane = await openPane(estate.lab, { columns: 80, rows: 24, env });
  const command = `hub issue example.org example.com --wait-delegation 2s --config ${hub.config}`;
  await pane.enter(`script -qec '${command}' typescript; echo exit $?`);
  await pane.until(/^exit 3$/m);
  await pane.enter("clear; grep -c '\\[[0-9]*A' typescript; grep -c '\\[[0-9]*m' typescript");
  const [moved, painted] = (await pane.until(/^\d+\n\d+$/m)).match(/^\d+$/gm) ?? [];
  expect(Number(moved) > 0).toBe(drawn);
  expect(painted).toBe('0');
});
