import { expect, test } from 'vitest';
import {
  answeredValues,
  listensAt,
  makeAcmeDns,
  openLab,
  ports,
  registerAccount,
  updateValue,
} from '../../lab/index.js';

interface Family {
  readonly type: string;
  readonly samples: Map<string, number>;
}

/** Prometheus' text format 0.0.4, as strictly as promtool reads it: help, then type, then samples of that family. */
function parseMetrics(text: string): ReadonlyMap<string, Family> {
  const families = new Map<string, Family>();
  const lines = text.split('\n');
  expect(lines.pop()).toBe(''); // the last line ends, too
  let current = '';
  for (const line of lines) {
    const help = /^# HELP ([a-z_]+) [A-Z].*[^.]$/.exec(line)?.[1];
    const [, name = '', type = ''] = /^# TYPE ([a-z_]+) (counter|gauge)$/.exec(line) ?? [];
    const [, family = '', labels = '', value = ''] =
      /^([a-z_]+)((?:\{(?:[a-z_]+="[^"\\\n]*",?)+\})?) (\d+(?:\.\d+)?)$/.exec(line) ?? [];
    if (help !== undefined) {
      expect(families.has(help)).toBe(false);
      current = help;
    } else if (name !== '') {
      expect(name).toBe(current);
      families.set(name, { type, samples: new Map() });
    } else {
      expect({ line, family }).toEqual({ line, family: current });
      expect(families.get(family)?.samples.has(labels)).toBe(false);
      families.get(family)?.samples.set(labels, Number(value));
    }
  }
  return families;
}

test('metrics: in the format, by convention, and true', async () => {
  await using lab = await openLab();
  const house = await makeAcmeDns(lab);
  const metrics = `${house.address}:${ports.api}`;
  await house.configure({ more: `[metrics]\nlisten = "${metrics}"` });
  await house.serve(listensAt(house.address, ports.api));
  const account = await registerAccount(house);
  await updateValue(house, account, 'v'.repeat(43));
  await updateValue(house, { ...account, password: 'wrong' }, 'v'.repeat(43));
  await answeredValues(house, account);
  await answeredValues(house, { subdomain: 'nobody' });

  const answer = await fetch(`http://${metrics}/metrics`);
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const families = parseMetrics(await answer.text());
  for (const [name, { type }] of families) {
    expect(name).toMatch(/^acme_dns_/);
    expect(name.endsWith('_total')).toBe(type === 'counter');
  }
  const sample = (name: string, labels = ''): number | undefined =>
    families.get(`acme_dns_${name}`)?.samples.get(labels);
  expect(sample('queries_total', '{transport="udp"}')).toBe(2);
  expect(sample('answers_total', '{outcome="answered"}')).toBe(1);
  expect(sample('answers_total', '{outcome="nxdomain"}')).toBe(1);
  expect(sample('accounts')).toBe(1);
  expect(sample('udp_batched')).toBe(1); // set-up for tests has built it
  expect(sample('changes_total')).toBe(2);
  expect(sample('http_requests_total', '{path="/register",status="201"}')).toBe(1);
  expect(sample('http_requests_total', '{path="/update",status="200"}')).toBe(1);
  expect(sample('http_requests_total', '{path="/update",status="401"}')).toBe(1);

  expect((await fetch(`http://${metrics}/register`, { method: 'POST' })).status).toBe(404);
  // The API itself tells nobody who uses it.
  expect((await fetch(`${house.api}/metrics`)).status).toBe(404);
});
