import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { mustBe, openLab, runCommand, type HostNetwork } from '../../lab/index.js';
import { writeLabFile } from '../../lab/host-machine.js';
import { modes } from './uplink-modes.js';
import { description, laboratory, openVerified } from './verified.js';

const [mode] = modes;
if (mode === undefined) throw new Error('no mode');

const statusFile = '/run/sixhub/status.json';
const metricsFile = '/run/hostcore.prom';

/** By a run for a timer: what it prints is what it leaves. */
async function drift({ host }: HostNetwork, code: number, ...words: readonly string[]) {
  const places = ['--status', statusFile, '--metrics', metricsFile];
  const result = await host.hostcore('drift', '--json', ...places, ...words);
  expect(result, JSON.stringify(result)).toMatchObject({ kind: 'exited', code });
  const left = await host.shell(`cat ${statusFile}`);
  expect(left).toBe(Object(result).stdout);
  // promtool is Prometheus' own reader, and complains of style too.
  const metrics = await host.shell(`cat ${metricsFile}`);
  expect(await host.must('promtool', ['check', 'metrics'], metrics)).toBe('');
  return { status: JSON.parse(left), metrics };
}

test('a host as described has no drift; what differs is listed, counted and left for others', async () => {
  await using lab = await openLab();
  const network = await openVerified(lab, mode);
  const { host } = network;
  const right = await drift(network, 0, '--verify', ...laboratory);
  expect(right.status).toMatchObject({
    host: 'merlin',
    state: 'right',
    differences: [],
    unseen: [],
  });
  expect(right.status.verified.findings.length).toBeGreaterThan(10);
  expect(right.metrics).toContain('sixhub_hostcore_state{state="right"} 1\n');
  expect(right.metrics).toContain('sixhub_hostcore_findings{state="wrong"} 0\n');
  expect(right.metrics).toMatch(/^sixhub_hostcore_looked_timestamp_seconds \d{10}$/m);
  expect(await host.shell(`stat -c %a ${statusFile} ${metricsFile}`)).toBe('644\n644\n');

  await host.shell(`
    echo '# mine' >> /etc/radvd.conf
    echo 0 > /proc/sys/net/ipv4/ip_forward
    kill -9 $(pgrep -x tayga --ns $$ --nslist net)`);
  const { status, metrics } = await drift(network, 1, '--verify', ...laboratory);
  expect(status.state).toBe('drifted');
  expect(status.differences).toEqual(
    expect.arrayContaining([
      { kind: 'file', subject: '/etc/radvd.conf', detail: 'edited by hand' },
      expect.objectContaining({ kind: 'kernel', subject: expect.stringContaining('ip_forward') }),
      { kind: 'service', subject: 'tayga', detail: 'not running: NAT64' },
    ]),
  );
  expect(metrics).toContain('sixhub_hostcore_differences{kind="service"} 1\n');
  expect(metrics).toContain('sixhub_hostcore_wrong{id="nat64"} 1\n');
  const shown = await host.hostcore('drift', '--no-status');
  expect(Object(shown)).toMatchObject({ code: 1 });
  expect(Object(shown).stdout).toContain('file /etc/radvd.conf: edited by hand');
  expect(Object(shown).stdout).toMatch(/merlin differs from host.toml in \d+ things/);
}, 90_000);

test('where nothing can be looked at, what was seen before is not believed any more', async () => {
  await using lab = await openLab();
  const config = await writeLabFile(
    lab,
    'host.toml',
    description(mode).replace('domain', 'domian'),
  );
  const [status, metrics] = [`${lab.directory}/state/status.json`, `${lab.directory}/h.prom`];
  const words = ['drift', '-c', config, '--status', status, '--metrics', metrics];
  const { stderr } = await mustBe(2, await runCommand('hostcore', words));
  expect(stderr).toContain("Did you mean 'domain'?");
  const left = JSON.parse(await readFile(status, 'utf8'));
  expect(left).toMatchObject({ state: 'failed', differences: [], verified: null });
  expect(left.error).toContain('domian');
  expect(await readFile(metrics, 'utf8')).toContain('sixhub_hostcore_state{state="failed"} 1\n');
});

test('a place that can not be written is named, with the option', async () => {
  await using lab = await openLab();
  const config = await writeLabFile(lab, 'host.toml', description(mode));
  const wrong = await runCommand('hostcore', ['drift', '-c', config, '--metrics', '/tmp/x.txt']);
  expect((await mustBe(2, wrong)).stderr).toContain('does not end in .prom');
  const words = ['drift', '-c', config, '--no-status', '--metrics', `${lab.directory}/no/x.prom`];
  const { stderr } = await mustBe(1, await runCommand('hostcore', words));
  expect(stderr).toContain(`${lab.directory}/no/x.prom can't be written`);
  expect(stderr).toContain('Name another place with --metrics');
});
