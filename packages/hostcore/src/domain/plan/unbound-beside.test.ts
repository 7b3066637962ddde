import { describe, expect, test } from 'vitest';
import { sha256 } from '../../config/read-estate.js';
import { render } from '../../render/render.js';
import { lint } from '../lint.js';
import { lints } from '../lints/index.js';
import { makePlan, type Plan } from './plan.js';
import { hostOf } from '../../testing/sample-host.js';

const toml = `[host.stork]
release = "debian13"
resolvers = ["2a0e:97c0::53"]
uplink = {device = "eno1", mac = "0c:c4:7a:11:22:33"}
ipv6 = {network = "2a0e:97c0:3e4:a101::/64", address = "2a0e:97c0:3e4:a101::1"}
ipv4 = {address = "193.148.249.20", gateway = "193.148.249.1"}
nat64 = {}
dns64 = {engine = "unbound"}
extras.kvm = false
`;
const directory = '/etc/unbound/unbound.conf.d';
const byHand = `server:
    interface: 2a0e:97c0:3e4:a101::1
    interface: ::1
    access-control: 2a0e:97c0:3e4:a100::/56 allow
    module-config: "dns64 validator iterator"
    dns64-prefix: 64:ff9b::/96
    num-threads: 4
forward-zone:
    name: "."
    forward-addr: 2a0e:97c0::53
`;

const nothing = {
  ...{ release: undefined, hostname: undefined, kernel: undefined, packages: undefined },
};

function plan(files: Readonly<Record<string, string>>, text = toml): Plan {
  const host = hostOf(text);
  const rendered = render(host, 'host.toml', sha256);
  const all = rendered.map((one) => [one.path, one.text] as const);
  return makePlan(
    host,
    rendered,
    {
      ...nothing,
      files: new Map([...all, ...Object.entries(files)]),
      masked: new Set(['tayga.service']),
    },
    sha256,
  );
}

describe("Unbound's files beside ours", () => {
  test('one that says the same is set aside, with what is lost; Unbound is restarted once', () => {
    const { files, services } = plan({ [`${directory}/dns64.conf`]: byHand });
    expect(files).toMatchObject([{ path: `${directory}/dns64.conf`, action: 'set-aside' }]);
    expect(files[0]?.why).toContain('interface (line 2)');
    expect(files[0]?.lost?.map(({ line, text }) => [line, text])).toEqual([
      [4, 'access-control: 2a0e:97c0:3e4:a100::/56 allow'],
      [7, 'num-threads: 4'],
    ]);
    expect(services.map(({ command }) => command)).toEqual(['systemctl restart unbound.service']);
  });

  test("the package's stay, and all of them where BIND is the resolver", () => {
    const own = {
      [`${directory}/root-auto-trust-anchor-file.conf`]:
        'server:\n    auto-trust-anchor-file: "/var/lib/unbound/root.key"\n',
      [`${directory}/remote-control.conf`]:
        'remote-control:\n  control-enable: yes\n  control-interface: /run/unbound.ctl\n',
    };
    expect(plan(own).files).toEqual([]);
    const bind = toml.replace('dns64 = {engine = "unbound"}', 'dns64 = {}');
    expect(plan({ [`${directory}/dns64.conf`]: byHand }, bind).files).toEqual([]);
  });

  test('what unbound.conf itself says twice is an error: it is not to be set aside', () => {
    const found = (text: string): readonly string[] =>
      lint(lints, hostOf(toml), {
        ...nothing,
        files: new Map([['/etc/unbound/unbound.conf', text]]),
      })
        .filter(({ id }) => id === 'unbound-says-twice')
        .map(({ fact }) => fact);
    expect(found('include-toplevel: "/etc/unbound/unbound.conf.d/*.conf"\n')).toEqual([]);
    expect(found(`# by hand\n${byHand}`).join()).toContain('unbound.conf:3: interface: 2a0e');
  });
});
