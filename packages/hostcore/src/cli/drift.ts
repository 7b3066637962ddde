import {
  errorText,
  exitCodes,
  SixhubError,
  systemClock,
  usageError,
  wrap,
  type ExitCode,
  type Terminal,
} from '@sixhub/base';
import { countFindings, countsText } from '@sixhub/base/finding-text';
import { sha256 } from '../config/read-estate.js';
import { differences, unseen, type Difference } from '../domain/drift.js';
import { makePlan } from '../domain/plan/plan.js';
import { metricsText } from '../drift/metrics.js';
import { put, stateOf, writeStatus, type HostState, type HostStatus } from '../drift/status.js';
import { runningPrograms } from '../facts/programs.js';
import { verify } from '../verify/verify.js';
import { loadHost, readSoundEstate } from './load.js';
import { targetsOf, type TargetOptions } from './targets.js';
import { mustBeRoot, verifyPorts, verifyText } from './verify.js';

interface Options extends TargetOptions {
  readonly config: string;
  readonly host: string | undefined;
  readonly verify: boolean;
  readonly metrics: string | undefined;
  readonly status: string;
  readonly 'no-status': boolean;
}

export async function driftOfHost(
  input: { readonly options: Options; readonly json: boolean },
  terminal: Terminal,
): Promise<ExitCode> {
  const { options, json } = input;
  if (options.metrics !== undefined && !options.metrics.endsWith('.prom')) {
    throw usageError(
      `${options.metrics} does not end in .prom: node_exporter would not read it`,
      'Name it like /var/lib/prometheus/node-exporter/hostcore.prom.',
    );
  }
  try {
    const status = await look(options);
    await tell(options, status);
    terminal.out(json ? JSON.stringify(status) : statusText(status, terminal));
    return exits[status.state];
  } catch (error) {
    // Who watches must learn that nothing was seen, instead of believing what was seen before.
    await tell(options, {
      ...{ host: options.host ?? null, at: systemClock.now().toISOString(), state: 'failed' },
      ...{ differences: [], unseen: [], verified: null, error: errorText(error) },
    }).catch((again: unknown) => {
      if (!(error instanceof SixhubError && error.code === 'drift-not-written')) {
        terminal.err(errorText(again));
      }
    });
    throw error;
  }
}

const exits: Readonly<Record<HostState, ExitCode>> = {
  right: exitCodes.done,
  drifted: exitCodes.failed,
  unknown: exitCodes.unreachable,
  failed: exitCodes.failed,
};

async function look(options: Options): Promise<HostStatus> {
  const estate = await readSoundEstate(options.config);
  const look = { root: '/', kernel: true };
  const { host, rendered, facts, unreadable } = await loadHost(
    estate,
    options.config,
    options.host,
    look,
  );
  const targets = targetsOf(options, host);
  if (options.verify) mustBeRoot();
  const plan = makePlan(host, rendered, facts, sha256);
  const found = differences(host, plan, await runningPrograms());
  const blind = unseen(facts, unreadable);
  const begun = performance.now();
  const findings = options.verify ? await verify(host, verifyPorts(), targets) : undefined;
  const seconds = Math.round((performance.now() - begun) / 100) / 10;
  const verified = findings === undefined ? null : { seconds, findings };
  return {
    ...{ host: host.name, at: systemClock.now().toISOString() },
    state: stateOf(found, blind, verified),
    ...{ differences: found, unseen: blind, verified, error: null },
  };
}

async function tell(options: Options, status: HostStatus): Promise<void> {
  if (!options['no-status']) await writeStatus(options.status, status);
  if (options.metrics !== undefined) await put(options.metrics, metricsText(status), '--metrics');
}

function statusText(status: HostStatus, terminal: Terminal): string {
  const { host, differences: found, verified, unseen: blind } = status;
  const width = terminal.outColumns ?? 100;
  return [
    ...found.map((one) => wrap(lineOf(one), width, 2)),
    ...(blind.length === 0 ? [] : [wrap(`? not compared: ${blind.join(', ')}`, width, 2)]),
    ...(verified === null ? [] : [verifyText(verified.findings, terminal)]),
    [
      found.length === 0
        ? `${host ?? ''} is as host.toml has it`
        : `${host ?? ''} differs from host.toml in ${found.length} ${found.length === 1 ? 'thing' : 'things'}`,
      ...(blind.length === 0 ? [] : ['as far as that was seen']),
      ...(verified === null ? [] : [`by packets ${countsText(countFindings(verified.findings))}`]),
    ]
      .join(', ')
      .concat(found.length === 0 ? '.' : '; `hostcore plan` shows each line.'),
  ].join('\n');
}

function lineOf({ kind, subject, detail }: Difference): string {
  return `${kind} ${subject}: ${detail}`;
}
