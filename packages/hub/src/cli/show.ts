import {
  exitCodes,
  formatDuration,
  formatTable,
  labelled,
  type ExitCode,
  type Terminal,
} from '@sixhub/base';
import type { CertificateView } from './answers.js';
import { connectHub, wholeList, type ConnectionOptions } from './client.js';
import {
  needLines,
  needOf,
  nobodyLines,
  sheetOf,
  standingLines,
  type Sheet,
} from './standing-text.js';
import { showTlsa, showVersions } from './versions.js';

interface ShowInput {
  readonly operands: readonly string[];
  readonly json: boolean;
  readonly options: ConnectionOptions;
}

interface ShowOneInput extends ShowInput {
  readonly options: ConnectionOptions & {
    readonly versions: boolean;
    readonly tlsa: readonly string[];
  };
}

export async function list({ options, json }: ShowInput, terminal: Terminal): Promise<ExitCode> {
  const hub = await connectHub(options);
  const certificates = await wholeList<CertificateView>(hub, '/v1/certificates', 'certificates');
  if (json) {
    terminal.out(JSON.stringify({ certificates }));
  } else if (certificates.length === 0) {
    terminal.out('no certificate yet; make one with: hub issue DOMAIN');
  } else {
    const rows = certificates.map((view) => [
      ...[view.name, expiry(view), served(view), needs(view), state(view)],
    ]);
    const header = ['NAME', 'EXPIRES', 'SERVED', 'NEEDS', 'STATE'];
    terminal.out(formatTable(header, rows, terminal.columns));
  }
  return exitCodes.done;
}

export async function show(
  { operands, options, json }: ShowOneInput,
  terminal: Terminal,
): Promise<ExitCode> {
  const hub = await connectHub(options);
  const name = operands[0] ?? '';
  if (options.tlsa.length > 0) return showTlsa({ name, hub, json }, options.tlsa, terminal);
  if (options.versions) return showVersions({ name, hub, json }, terminal);
  const view = await hub.call<CertificateView>(
    'GET',
    `/v1/certificates/${encodeURIComponent(name)}`,
  );
  if (json) {
    terminal.out(JSON.stringify(view));
    return exitCodes.done;
  }
  const sheet = sheetOf('certificate', terminal);
  terminal.out([...headLines(view, sheet), ...describe(view, sheet)].join('\n'));
  return exitCodes.done;
}

/** The first words at night: whether a person is needed, and where. */
function headLines(view: CertificateView, sheet: Sheet): readonly string[] {
  const { need, standings = [] } = view;
  const own = need === null ? [] : needOf(need.fact, '', need.remedy, sheet);
  const lines = [...own, ...needLines(standings, sheet)];
  return lines.length > 0 ? lines : nobodyLines(standings, summary(view), sheet);
}

function summary(view: CertificateView): string {
  if (view.version === null) return state(view);
  if (view.agents.length === 0) return 'no agent has it';
  const services = view.deployments.flatMap((deployment) => deployment.services);
  if (services.length > 0) return `${served(view)} services serve it`;
  const installed = view.deployments.filter((deployment) => deployment.installed);
  return `${installed.length} of ${view.agents.length} machines have it installed`;
}

function describe(view: CertificateView, sheet: Sheet): readonly string[] {
  const { width } = sheet;
  const { version } = view;
  const facts: readonly (readonly [string, string])[] = [
    ['names', view.names.join(' ')],
    ['key', keyWords(view)],
    ['expires', expiry(view)],
    ['state', state(view)],
    ...told(view),
    ...rolloutFact(view),
    ...(view.revocationsPending ?? []).map(
      ({ version: id, fact, retryAt }): readonly [string, string] => [
        'revoked',
        `${id} here (keyCompromise), not yet by its authority: ${fact || 'not asked yet'}\nTried again ${retryAt}, and at once by: hub revoke ${view.name} --version ${id} --reason keyCompromise --yes`,
      ],
    ),
    ...view.delegationsGone.map(({ domain, since, seen }): readonly [string, string] => [
      'CNAME',
      `of ${domain} is gone since ${since}: ${seen}\nNo renewal can be validated without it. See: hub doctor ${domain}`,
    ]),
    ...(version === null
      ? []
      : ([
          ['version', version.id],
          ['issued', version.issuedAt],
          ['issuer', `${version.issuer} (${version.authority})`],
          ['serial', version.serial],
          ['SHA-256', version.fingerprint],
        ] as const)),
  ];
  return [view.name, ...labelled(facts, width), ...standingLines(view.standings ?? [], sheet)];
}

/** Kind and place: of what is served now, and where the next one is made if that is another place. */
function keyWords({ key, reuseKey, keyOn, version }: CertificateView): string {
  const kept = reuseKey ? ', kept by renewals' : '';
  const now = version === null ? keyOn : version.keyOn;
  const place = now === null ? '' : `, on ${now} and nowhere else`;
  if (now === keyOn) return `${key}${kept}${place}`;
  return `${key}${kept}${place}; the next one ${keyOn === null ? 'at the hub' : `on ${keyOn}`}`;
}

function rolloutFact({ name, rollout }: CertificateView): readonly (readonly [string, string])[] {
  if (rollout === null) return [];
  const { state, batch, waiting = [] } = rollout;
  const word = {
    running: `batch ${batch}`,
    stopped: `stopped in batch ${batch}`,
    back: 'taken back',
  };
  return [
    [
      'rollout',
      `${word[state]}; ${waiting.length} agents have the version before: hub rollout ${name}`,
    ],
  ];
}

/** Why the latest run is not done, and what to do. */
function told({ told: step }: CertificateView): readonly (readonly [string, string])[] {
  if (step === undefined || step === null) return [];
  if (step.kind === 'problem') return [['problem', `${step.fact}\n${step.hint}`]];
  if (step.kind === 'key-refused') return [['problem', step.fact]];
  if (step.kind === 'key-wanted') {
    return [['waits for', `${step.agent} to make its key; at once, there: hub-agent run --now`]];
  }
  return step.records.map(({ name, target, seen }) => [
    'wanted',
    `${seen}; create this record:\n${name}. 300 IN CNAME ${target}.`,
  ]);
}

function expiry({ version }: CertificateView): string {
  if (version === null) return '-';
  const left = Date.parse(version.notAfter) - Date.now();
  const date = version.notAfter.slice(0, 10);
  return left > 0 ? `${date} (${formatDuration(left).split(' ')[0]})` : `${date} EXPIRED`;
}

/** How many services on agents serve the newest version, of how many. */
function served({ deployments, version, agents }: CertificateView): string {
  const services = deployments.flatMap((deployment) =>
    deployment.services.map(
      ({ state: now }) => now === 'serving' && deployment.version === version?.id,
    ),
  );
  if (services.length === 0) return agents.length === 0 ? 'no agent' : 'not yet';
  return `${services.filter(Boolean).length} of ${services.length}`;
}

/** Where a person is needed, at a glance. */
function needs({ need, needyAgents }: CertificateView): string {
  const [first, ...more] = [...(need === null ? [] : ['here']), ...needyAgents];
  if (first === undefined) return 'nobody';
  return `you: ${first}${more.length === 0 ? '' : ` +${more.length}`}`;
}

function state({ issuance, version, delegationsGone }: CertificateView): string {
  if (issuance?.stage === 'delegation') return 'waits for its CNAME';
  if (issuance?.stage === 'order') {
    if (issuance.waitsForKeyOf !== null) return `waits for the key of ${issuance.waitsForKeyOf}`;
    return issuance.retryAt === null ? 'being issued' : `tries again ${issuance.retryAt}`;
  }
  if (issuance?.stage === 'failed') return 'failed; see hub show';
  if (version === null) return 'not issued';
  if (version.revoked !== null) return `revoked (${version.revoked.reason})`;
  return delegationsGone.length === 0 ? 'ok' : 'CNAME is gone; see hub show';
}
