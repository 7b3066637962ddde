import { expect, test } from 'vitest';
import { commandLine, openLab } from '../../../lab/index.js';
import { logSays } from '../../../lab/fact.js';
import { until } from '../../../lab/host-network.js';
import { openGround, stateOf, usual, type Ground } from '../../../lab/host-ground.js';

/** Of the Debian package faketime; the dynamic linker knows where its architecture's libraries are. */
const library = '/usr/$LIB/faketime/libfaketimeMT.so.1';
/** Unbound, since BIND's programs do not start under libfaketime. */
const toml = usual.replace('dns64.val', 'dns64.engine = "unbound"\ndns64.val');
const dayMs = 86_400_000;

/**
 * The date of the machine is set in the midst of the countdown, for the command, for what it armed and for all that it started, by
 * libfaketime, since nobody may set this machine's. The clock that counts from boot goes on as ever, as it does there. With
 * systemd the timer is one of that clock: test/debian.
 */
test.each([
  { name: 'a day ahead', set: '+1d', movesMs: dayMs },
  { name: 'a day back', set: '-1d', movesMs: -dayMs },
])(
  'the date is set $name: the countdown ends neither earlier nor later',
  async ({ set, movesMs }) => {
    await using lab = await openLab();
    const ground = await openGround(lab, toml);
    const { host } = ground;
    const before = await stateOf(host);
    await applyWithDate(ground, '6s');
    const since = performance.now();
    await host.shell(`echo ${set} > /run/date`);
    await until(host, 'sh', ['-c', 'tail -n 1 /run/sixhub-hostcore/0001/journal'], /undone$/m);
    const took = performance.now() - since;
    expect(took).toBeGreaterThan(5_000);
    expect(await stateOf(host)).toBe(before);

    // It was set indeed, and the journal can be read: in order, each line with the date that was.
    const journal = (await host.shell('cat /run/sixhub-hostcore/0001/journal')).trim().split('\n');
    const at = (what: string): number =>
      Date.parse(journal.find((line) => line.includes(what))?.split(' ', 1)[0] ?? '');
    expect(Math.abs(at(' undoing: ') - at(' waiting: ') - movesMs)).toBeLessThan(20_000);
    for (const line of journal)
      expect(line).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \w.*\S$/);

    // Who comes after it is judged by that clock as well, and the list of applies by their numbers.
    await host.shell('echo +0 > /run/date');
    await applyWithDate(ground, '60s');
    await host.shell(`echo ${set} > /run/date`);
    expect(await ground.overSsh('confirm')).toMatchObject({ code: 0 });
    const { stdout } = await ground.hostcore('rollback', '--list');
    expect(stdout).toMatch(/\n1 +apply +undone[^\n]*\n2 +apply +confirmed/);
  },
  90_000,
);

let started = 0; // a log of its own for each

/** With a date that /run/date moves. */
async function applyWithDate({ host }: Ground, within: string): Promise<void> {
  await host.shell('[ -e /run/date ] || echo +0 > /run/date');
  const words = ['apply', '--no-verify', '--confirm-within', within];
  await host.start(
    `dated-${(started += 1)}`,
    'env',
    [
      ...[`LD_PRELOAD=${library}`, 'FAKETIME_TIMESTAMP_FILE=/run/date', 'FAKETIME_NO_CACHE=1'],
      ...['FAKETIME_DONT_FAKE_MONOTONIC=1', 'NO_FAKE_STAT=1', process.execPath],
      ...commandLine('hostcore', [...words, '--state', '/run/sixhub-hostcore']),
    ],
    logSays(/NEW connection/),
  );
}
