import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  mustBe,
  runTool,
  startHttpsReceiver,
  startPostfix,
  type Postfix,
} from '../../lab/index.js';
import { ports } from '../../lab/ports.js';
import { until } from '../hub/authority-estate.js';
import { openNotifyGround, refusedName } from './ground.js';

/** 32 bytes, as `whsec_` and base64; and as openssl wants them. */
const key = Buffer.from('0123456789abcdef0123456789abcdef');
const webhookSecret = `whsec_${key.toString('base64')}`;
const token = 'tk_0123456789abcdefghijklmnopqrs';

function mailSection(postfix: Postfix, passwordFile: string, more: readonly string[]): string {
  return [
    '[[notify.mail]]',
    `trust = "${postfix.trust}"`,
    `user = "${postfix.user}"`,
    `password_file = "${passwordFile}"`,
    'from = "hub@beispiel.test"',
    'to = ["admin@beispiel.test"]',
    ...more,
  ].join('\n');
}

/** Of the HMAC that a receiver computes by itself. */
async function opensslSignature(place: string, signed: string): Promise<string> {
  const hmac = ['-sha256', '-mac', 'HMAC', '-macopt', `hexkey:${key.toString('hex')}`];
  const output = join(place, 'mac');
  await runTool('openssl', ['dgst', ...hmac, '-binary', '-out', output], { input: signed });
  return (await readFile(output)).toString('base64');
}

const header = (mail: string, name: string): string | undefined =>
  new RegExp(`^${name}: (.*(?:\n[ \t].*)*)$`, 'm').exec(mail)?.[1]?.replaceAll(/\n\s*/g, ' ');

const bodyOf = (mail: string): string => mail.slice(mail.indexOf('\n\n') + 2);

test('a trouble and a test reach people by mail, webhook, ntfy and a command', async () => {
  await using ground = await openNotifyGround();
  const { estate, place } = ground;
  const { hub, lab } = estate;
  const postfix = await startPostfix(lab);
  const webhook = await startHttpsReceiver(lab);
  const ntfy = await startHttpsReceiver(lab);
  const password = await ground.secret('password', postfix.password);
  const secretFile = await ground.secret('webhook', webhookSecret);
  const tokenFile = await ground.secret('ntfy', token);
  const script = await ground.script('tell', [`env > ${place}/env`, `cat >> ${place}/told`]);
  await ground.configure(
    '[notify]',
    'name = "hub1"',
    'group = "0s"',
    mailSection(postfix, password, [
      `server = "${postfix.address}"`,
      `port = ${ports.submission}`,
      'name = "mail"',
    ]),
    mailSection(postfix, password, [
      `server = "${postfix.address}"`,
      `port = ${ports.submissions}`,
      'tls = "implicit"',
      'name = "mail-from-the-start"',
    ]),
    `[[notify.webhook]]\nurl = "${webhook.url}/in"\nsecret_file = "${secretFile}"\ntrust = "${webhook.trust}"`,
    `[[notify.ntfy]]\nurl = "${ntfy.url}/hub1-alerts"\ntoken_file = "${tokenFile}"\ntrust = "${ntfy.trust}"`,
    `[[notify.command]]\ncommand = ["${script}", "a word; with $signs"]`,
  );
  const daemon = await hub.serve();

  const tested = await mustBe(0, await hub.run(['notify', 'test']));
  expect(tested.stdout.match(/: sent \(/g)).toHaveLength(5);
  await until('Postfix has delivered both', async () => (await postfix.messages()).length === 2);
  expect((await hub.run(['notify', 'list'])).code, 'nothing stands').toBe(0);

  await ground.makeTrouble();
  await until('both mails are there', async () => (await postfix.messages()).length === 4);
  await until('the command ran', async () =>
    /alerts/.test(await readFile(`${place}/told`, 'utf8')),
  );
  await until('the webhook was posted', () => webhook.received.length === 2);
  await until('ntfy has it', () => ntfy.received.length === 2);

  // As it arrived.
  const [mail = ''] = (await postfix.messages()).slice(-1);
  const subject = `${refusedName} can't be issued [hub1]`;
  expect(header(mail, 'Subject')).toBe(subject);
  expect(header(mail, 'From')).toBe('hub@beispiel.test');
  expect(header(mail, 'To')).toBe('admin@beispiel.test');
  expect(header(mail, 'Auto-Submitted')).toBe('auto-generated');
  expect(header(mail, 'List-I[dD]')).toContain('<sixhub-alerts.beispiel.test>');
  expect(header(mail, 'Date')).toBeDefined();
  expect(header(mail, 'Content-Type')).toMatch(/^text\/plain/);
  expect(mail, 'over TLS, with a password').toContain(' with ESMTPSA id ');
  const text = bodyOf(mail);
  expect(text.split('\n')[0]).toMatch(/^The authority does not issue for this name\. Correct/);
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(78);
  const ids = (await postfix.messages()).map((one) => header(one, 'Message-I[dD]'));
  expect(new Set(ids).size, 'two channels, one message each').toBe(2);

  // Standard Webhooks, checked by another's HMAC.
  const [, posted] = webhook.received;
  if (posted === undefined) throw new Error('posted');
  const { headers, body } = posted;
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  expect(headers['webhook-signature']).toBe(`v1,${await opensslSignature(place, signed)}`);
  expect(Math.abs(Date.now() / 1_000 - Number(headers['webhook-timestamp']))).toBeLessThan(120);
  const document = JSON.parse(body);
  expect(document).toMatchObject({
    type: 'sixhub.alerts',
    data: {
      hub: 'hub1',
      subject,
      groups: [{ news: 'new', kind: 'certificate', count: 1 }],
    },
  });
  expect(ids).toContain(`<${headers['webhook-id']}@beispiel.test>`);

  const [, pushed] = ntfy.received;
  expect(pushed?.path).toBe('/');
  expect(pushed?.headers.authorization).toBe(`Bearer ${token}`);
  expect(JSON.parse(pushed?.body ?? '')).toMatchObject({
    ...{ topic: 'hub1-alerts', title: subject, priority: 4, tags: ['warning'] },
    message: expect.stringContaining(refusedName),
  });

  const [, told = ''] = (await readFile(`${place}/told`, 'utf8')).split('\n');
  expect(JSON.parse(told)).toEqual({ id: headers['webhook-id'], ...document });
  // A shell adds PWD and the like; of the hub's there is nothing.
  expect(await readFile(`${place}/env`, 'utf8')).not.toMatch(/NODE|HOME|VITEST/);

  const listed = await hub.run(['notify', 'list', '--json']);
  expect(listed.code, 'something stands').toBe(1);
  expect(JSON.parse(listed.stdout)).toMatchObject({
    alerts: [{ id: `certificate:${refusedName}`, toldAt: expect.any(String) }],
  });
  expect((await hub.run(['notify', 'list'])).stdout).toContain('  do     ');
  await mustBe(0, await hub.run(['notify', 'silence', `certificate:${refusedName}`]));
  expect((await hub.run(['notify', 'list'])).code).toBe(0);

  // Restarted, it tells nothing anew.
  await daemon.stop();
  const again = await hub.serve();
  await until('it looked', async () => (await again.log()).includes('hub is ready'));
  expect(await postfix.messages()).toHaveLength(4);
  const everything = (await again.log()) + listed.stdout + tested.stdout + tested.stderr;
  for (const secret of [postfix.password, webhookSecret, key.toString('base64'), token]) {
    expect(everything).not.toContain(secret);
  }
}, 180_000);

test('a hub that is killed before it could note that it was told tells it again, with the same id', async () => {
  await using ground = await openNotifyGround();
  const { estate, place } = ground;
  const { hub } = estate;
  // The first time, it ends who started it and never answers.
  const script = await ground.script('tell', [
    `cat >> ${place}/told`,
    `mkdir ${place}/first 2>/dev/null || exit 0`,
    'kill -9 $PPID',
    'exec sleep 60',
  ]);
  await ground.configure('[notify]\ngroup = "0s"', `[[notify.command]]\ncommand = ["${script}"]`);
  const first = await hub.serve();
  await ground.makeTrouble();
  await until('the hub was killed', () => !first.isRunning());
  await hub.serve();
  const ids = async (): Promise<readonly string[]> =>
    (await readFile(`${place}/told`, 'utf8'))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line).id);
  await until('it was told again', async () => (await ids()).length === 2);
  expect(new Set(await ids()).size, await readFile(`${place}/told`, 'utf8')).toBe(1);
  await until('and noted', async () =>
    JSON.parse((await hub.run(['notify', 'list', '--json'])).stdout).channels.every(
      (channel: { readonly waiting: number }) => channel.waiting === 0,
    ),
  );
}, 180_000);

test('each way to fail is told with its remedy, and none of them tells a secret', async () => {
  await using ground = await openNotifyGround();
  const { hub, lab } = ground.estate;
  const postfix = await startPostfix(lab);
  const receiver = await startHttpsReceiver(lab);
  const elsewhere = await startHttpsReceiver(lab);
  const wrong = await ground.secret('wrong', 'not the password');
  const right = await ground.secret('right', postfix.password);
  const open = await ground.secret('open', postfix.password, 0o644);
  const secretFile = await ground.secret('webhook', webhookSecret);
  const tokenFile = await ground.secret('ntfy', token);
  const script = await ground.script('tell', ['echo no route to the pager >&2', 'exit 7']);
  const at = (name: string, port: number, server = postfix.address): readonly string[] => [
    `name = "${name}"`,
    `server = "${server}"`,
    `port = ${port}`,
  ];
  await ground.configure(
    mailSection(postfix, wrong, at('wrong-password', ports.submission)),
    mailSection(postfix, open, at('open-file', ports.submission)),
    mailSection(postfix, join(ground.place, 'none'), at('no-file', ports.submission)),
    mailSection(postfix, right, [...at('wrong-tls', ports.submission), 'tls = "implicit"']),
    mailSection(postfix, right, at('nobody-there', ports.submission, lab.address())),
    mailSection(postfix, right, at('untrusted', ports.submission)).replace(
      /^trust = .*$/m,
      `trust = "${receiver.trust}"`,
    ),
    `[[notify.webhook]]\nname = "hook"\nurl = "${receiver.url}/a/secret/path"\nsecret_file = "${secretFile}"\ntrust = "${receiver.trust}"`,
    `[[notify.ntfy]]\nname = "push"\nurl = "${receiver.url}/secret-topic"\ntoken_file = "${tokenFile}"\ntrust = "${receiver.trust}"`,
    `[[notify.command]]\nname = "pager"\ncommand = ["${script}"]`,
    `[[notify.command]]\nname = "missing"\ncommand = ["/nonexistent/tell"]`,
  );
  const daemon = await hub.serve();
  receiver.answer = { status: 307, location: `${elsewhere.url}/a/secret/path` };
  const tested = await hub.run(['notify', 'test']);
  expect(tested.code).toBe(1);
  const said = new Map(
    tested.stdout
      .split(/\n(?! )/)
      .map((part) => [part.split(':', 1)[0] ?? '', part.replaceAll(/\s+/g, ' ')]),
  );
  expect(said.get('wrong-password')).toMatch(
    /authentication failed.*check `user` and the password/i,
  );
  expect(said.get('open-file')).toMatch(/can be read by every user of this machine.*chmod 0400/);
  expect(said.get('no-file')).toMatch(/it does not exist.*mode 0400/);
  expect(said.get('wrong-tls')).toMatch(/does not speak TLS from the start at port/);
  expect(said.get('nobody-there')).toMatch(/ECONNREFUSED.*openssl s_client/);
  expect(said.get('untrusted')).toMatch(/not signed by a root in/);
  expect(said.get('hook')).toMatch(/answered 307.*Redirects are not followed/);
  expect(said.get('push')).toMatch(/answered 307/);
  expect(said.get('pager')).toMatch(/ended with 7: no route to the pager/);
  expect(said.get('missing')).toMatch(/there is no program/);
  expect(elsewhere.received).toEqual([]);
  expect(await postfix.messages()).toEqual([]);

  receiver.answer = { status: 403, body: `your token ${token} may not` };
  const refused = await hub.run(['notify', 'test', 'push']);
  expect(refused.stdout).toMatch(/answered 403: your token … may not/);
  const unknown = await hub.run(['notify', 'test', 'pusch']);
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toContain("names no channel 'pusch'");

  const everything = `${await daemon.log()}${tested.stdout}${tested.stderr}${refused.stdout}`;
  const secrets = [postfix.password, 'not the password', webhookSecret, token];
  for (const secret of [...secrets, 'secret-topic', '/a/secret/path']) {
    expect(everything).not.toContain(secret);
  }
}, 180_000);
