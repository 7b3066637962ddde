import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from '@sixhub/base';
import { commandLine, openLab } from '@sixhub/test/lab';
import { spread } from './median.js';

/** lint, render and plan of a host with many VMs, whole processes beside an empty node; plan with all its files there. */
export async function benchHostcore(
  vms: number,
  runs: number,
  print: (line: string) => void,
): Promise<void> {
  await using lab = await openLab();
  const place = await lab.makeDirectory('hostcore');
  const config = join(place, 'host.toml');
  await writeFile(config, description(vms));
  const root = join(place, 'root');
  await mkdir(root);
  await timed(['render', '-c', config, '-o', root]);
  print(
    `hostcore, ${vms} VMs: ${runs} runs each, in turn; under 300 ms beyond an empty node wanted`,
  );
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['empty node', []],
    ['lint', ['lint', '-c', config, '--root', root]],
    ['render', ['render', '-c', config]],
    ['plan', ['plan', '-c', config, '--root', root]],
  ];
  const times = new Map<string, number[]>(rows.map(([name]) => [name, []]));
  for (let run = 0; run < runs; run++) {
    for (const [name, words] of rows) times.get(name)?.push(await timed(words));
  }
  for (const [name, taken] of times) print(`  ${name}: ${spread(taken, { unit: ' ms' })}`);
}

async function timed(words: readonly string[]): Promise<number> {
  const args = words.length === 0 ? ['-e', '0'] : commandLine('hostcore', words);
  const start = performance.now();
  await runProgram(process.execPath, args);
  return performance.now() - start;
}

function description(vms: number): string {
  const octets = (index: number): string =>
    [index >> 8, index & 255].map((one) => one.toString(16).padStart(2, '0')).join(':');
  return `[host.merlin]
release = "debian12"
resolvers = ["2a01:4f8:0:1::53"]
uplink = {device = "eno1", mac = "00:24:21:21:ac:99"}
ipv6 = {network = "2a01:4f8:1:3::/64", seed = "0123456789abcdef"}
ipv4 = {address = "45.67.90.10", gateway = "45.67.90.1"}
nat64 = {}
dns64 = {}
ra = {}
${Array.from({ length: vms }, (_, index) => `vm.v${index}.mac = "52:54:00:00:${octets(index)}"`).join('\n')}
`;
}
