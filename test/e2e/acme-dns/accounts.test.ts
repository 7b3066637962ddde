import { expect, test } from 'vitest';
import {
  acmeDnsZone,
  answeredValues,
  makeAcmeDns,
  openLab,
  registerAccount,
  updateValue,
  type Registered,
} from '../../lab/index.js';

const value = 'v'.repeat(43);

test('accounts are listed, noted, rotated and removed while the server runs', async () => {
  await using lab = await openLab();
  const house = await makeAcmeDns(lab);
  const daemon = await house.serve();
  const account = await registerAccount(house);
  const { subdomain, username, fulldomain } = account;
  expect(await updateValue(house, account, value)).toContain('200');

  expect(await house.run('accounts', 'note', fulldomain, 'mail.example.org')).toMatchObject({
    code: 0,
    stderr: `noted for ${subdomain}\n`,
  });
  const list = await house.run('accounts', 'list');
  expect(list.stdout).toMatch(
    new RegExp(`^SUBDOMAIN.*\\n${subdomain} +\\d{4}-\\d\\d-\\d\\d +1 +mail\\.example\\.org\\n$`),
  );
  const shown = { subdomain, fulldomain, username, allowfrom: [], note: 'mail.example.org' };
  const listed: unknown = JSON.parse((await house.run('accounts', 'list', '--json')).stdout);
  expect(listed).toMatchObject({ accounts: [{ ...shown, values: [value] }] });
  expect((await house.run('accounts', 'show', subdomain)).stdout).toContain(
    `name      ${fulldomain}\nusername  ${username}\n`,
  );
  const one: unknown = JSON.parse(
    (await house.run('accounts', 'show', subdomain, '--json')).stdout,
  );
  expect(one).toMatchObject(shown);

  const rotated = await house.run('accounts', 'rotate', subdomain.toUpperCase());
  const fresh: Registered = JSON.parse(rotated.stdout);
  expect(fresh).toEqual({ ...account, password: fresh.password });
  expect(fresh.password).not.toBe(account.password);
  await expect.poll(() => updateValue(house, fresh, value)).toContain('200');
  expect(await updateValue(house, account, value)).toBe('401 {"error": "forbidden"}');

  const added: Registered = JSON.parse(
    (await house.run('accounts', 'add', '--allow-from', '127.0.0.0/8', '--note', 'by hand')).stdout,
  );
  await expect.poll(() => answeredValues(house, added)).toBe('ENODATA');
  expect(await updateValue(house, added, value)).toContain('200');

  expect(await house.run('accounts', 'remove', subdomain)).toMatchObject({
    code: 0,
    stderr: `removed ${subdomain}; a CNAME that points to it can go, too\n`,
  });
  await expect.poll(() => answeredValues(house, account)).toBe('ENOTFOUND');
  expect(await updateValue(house, fresh, value)).toBe('401 {"error": "forbidden"}');
  expect(daemon.isRunning()).toBe(true);
});

test('a name that no account has is refused by every command', async () => {
  await using lab = await openLab();
  const house = await makeAcmeDns(lab);
  for (const word of ['show', 'note', 'remove', 'rotate']) {
    const more = word === 'note' ? ['text'] : [];
    expect(await house.run('accounts', word, `nobody.${acmeDnsZone}`, ...more)).toMatchObject({
      code: 1,
      stdout: '',
      stderr:
        `error: there is no account with the subdomain nobody.${acmeDnsZone}\n` +
        "  'acme-dns accounts list' shows those that are there.\n",
    });
  }
  expect(await house.run('accounts', 'add', '--allow-from', '192.0.2.1')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("--allow-from: '192.0.2.1' is no network"),
  });
  expect(await house.run('accounts', 'show')).toMatchObject({ code: 2 });
});
