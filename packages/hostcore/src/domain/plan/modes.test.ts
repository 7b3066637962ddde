import { expect, test } from 'vitest';
import { sha256 } from '../../config/read-estate.js';
import { render } from '../../render/render.js';
import { planFiles } from './files.js';
import { hostOf } from '../../testing/sample-host.js';

const toml = `[host.merlin]
release = "ubuntu22.04"
uplink.device = "eno1"
ipv6.network = "2a01:4f8:1:3::/64"
`;
const path = '/etc/netplan/90-sixhub.yaml';

test("netplan's file is for root alone, and said where it is not", () => {
  const host = hostOf(toml);
  const rendered = render(host, 'host.toml', sha256);
  const files = new Map(rendered.map((file) => [file.path, file.text]));
  const whole = { release: undefined, hostname: undefined, packages: undefined, kernel: undefined };
  const planned = (mode: number) =>
    planFiles(host, rendered, { ...whole, files, modes: new Map([[path, mode]]) }, sha256);
  expect(planned(0o600)).toEqual([]);
  expect(planned(0o400)).toEqual([]);
  expect(planned(0o644)).toMatchObject([
    { path, action: 'change', mode: 0o600, edited: false, diff: ['-mode 0644', '+mode 0600'] },
  ]);
  expect(planFiles(host, rendered, { ...whole, files: new Map() }, sha256)).toContainEqual(
    expect.objectContaining({ path, action: 'create', mode: 0o600 }),
  );
});
