import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mustBe, type Daemon } from '../../lab/index.js';
import { installing, name, openGround, place, type Ground } from './ground.js';

/** Between sshd and the receiver: does once, at a step, what /run/at says. */
const wrapper = `#!/bin/sh
step=$(echo "$SSH_ORIGINAL_COMMAND" | cut -d' ' -f3)
at=$(cat /run/at 2> /dev/null)
cut() { rm -f /run/at; kill -9 $PPID; exit 1; }
hold() { touch /run/held; while [ -e /run/at ]; do sleep 0.1; done; exit 1; }
case $at in
  "before $step") cut ;;
  "hold $step") hold ;;
esac
sh /usr/local/lib/sixhub-push/receiver
code=$?
case $at in
  "after $step") cut ;;
  "held after $step") hold ;;
esac
exit $code
`;

/** One for all: each test leaves it served and whole, which is what it shows. */
let ground: Ground;
let serving: Daemon;
beforeAll(async () => {
  ground = await openGround();
  const { machine, estate } = ground;
  serving = ground.serving;
  await mustBe(0, await ground.add(installing(machine)));
  const file = join(await estate.lab.makeDirectory('wrapper'), 'wrapper.sh');
  await writeFile(file, wrapper);
  await machine.mustInside(
    `cp ${file} /mnt/own/wrapper; sed -i 's#/usr/local/lib/sixhub-push/receiver"#/mnt/own/wrapper"#' ~/.ssh/authorized_keys`,
  );
}, 120_000);
afterAll(() => ground[Symbol.asyncDispose]());

const renew = async (): Promise<void> => {
  await mustBe(0, await ground.estate.hub.run(['renew', name]));
};

/** Both are of one certificate, whichever it is, and Apache starts with them. */
const mustBeWhole = async (): Promise<void> => {
  await ground.machine.mustInside(
    `test "$(openssl x509 -in ${place}/fullchain.pem -noout -pubkey)" = "$(openssl pkey -in ${place}/privkey.pem -pubout)"; apachectl -t`,
  );
};

const mustServe = async (at: string): Promise<void> => {
  await mustBe(0, await ground.push(['run', 'nas']));
  expect((await ground.shown()).split(' ')[0], at).toBe(await ground.newest());
  expect(await ground.machine.mustInside(`ls -A ${place}`), at).toBe(
    'fullchain.pem\nprivkey.pem\n',
  );
};

test('the connection is cut before and after each step: whole at any time, served in the end', async () => {
  const { machine, push } = ground;
  // Those that change nothing leave the same behind, done or not.
  const steps = ['stage', 'switch', 'reload', 'done'];
  const changing = steps.flatMap((step) => [`before ${step}`, `after ${step}`]);
  for (const at of ['before list', 'after show', 'before check', ...changing]) {
    await machine.mustInside(`echo '${at}' > /run/at`);
    await renew(); // pushes by itself
    await push(['run', 'nas']);
    expect((await machine.inside('test -e /run/at')).kind === 'exited' && at, at).toBe(at);
    await mustBeWhole();
    await mustServe(at);
  }
}, 300_000);

test.each(['hold switch', 'held after switch', 'hold reload', 'hold done'])(
  'the hub is killed at `%s`: the next one ends the work',
  async (at) => {
    const { machine, estate } = ground;
    await machine.mustInside(`rm -f /run/held; echo '${at}' > /run/at`);
    await renew();
    await machine.mustInside('until test -e /run/held; do sleep 0.1; done');
    await serving.kill();
    await machine.mustInside('rm /run/at');
    await mustBeWhole();
    serving = await estate.hub.serve();
    await mustServe(at);
  },
  120_000,
);

test('a reload that always takes its connection with it is settled in one visit', async () => {
  const { machine, estate, push } = ground;
  const kills =
    "for one in /proc/[0-9]*; do ! grep -q '^sshd: root' $one/cmdline || kill -9 ${one#/proc/}; done";
  await machine.mustInside(
    `sed -i '/^reload/d' /etc/sixhub/push.conf; cat >> /etc/sixhub/push.conf <<'END'
reload echo once >> /run/reloaded; apachectl graceful; ${kills}
END`,
  );
  await mustBe(0, await estate.hub.run(['renew', name, '--wait-deployed', '60s']));
  expect((await ground.shown()).split(' ')[0]).toBe(await ground.newest());
  await mustBe(0, await push(['run', 'nas'])); // waits for the visit that is under way, or looks
  expect(await machine.mustInside('cat /run/reloaded')).toBe('once\n');
  expect(await machine.mustInside(`ls -A ${place}`)).toBe('fullchain.pem\nprivkey.pem\n');
  await machine.mustInside('test ! -e /var/lib/sixhub-push/of-example.org/phase');
}, 120_000);
