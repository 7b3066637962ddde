import { exitCodes, formatTable, labelled, type ExitCode, type Terminal } from '@sixhub/base';
import { authorizedKey, receiverProgram } from '../push/receiver-files.js';
import { inOneLine, printable } from '../domain/printable.js';
import { targetText } from '../ssh/target.js';
import type { PushTargetView, PushVisitView } from './answers.js';
import { remove as removeAgent } from './agent.js';
import { connectHub, type ConnectionOptions, type HubClient } from './client.js';
import { momentText } from './moment-text.js';
import { sheetOf } from './standing-text.js';

interface PushInput {
  readonly operands: readonly string[];
  readonly json: boolean;
  readonly options: ConnectionOptions;
}

export async function list({ options, json }: PushInput, terminal: Terminal): Promise<ExitCode> {
  const hub = await connectHub(options);
  const answer = await hub.call<{ targets: readonly PushTargetView[] }>('GET', '/v1/push-targets');
  const { targets } = answer;
  if (json) terminal.out(JSON.stringify(answer));
  else if (targets.length === 0)
    terminal.out('nothing is pushed to; begin with: hub push add NAME USER@HOST');
  else {
    const rows = targets.map((target) => [
      target.name,
      targetText(target),
      target.grants.join(' '),
      target.triedAt ?? 'never',
      inOneLine(target.fact),
    ]);
    terminal.out(
      formatTable(
        ['NAME', 'WHERE', 'CERTIFICATES', 'LAST PUSH', 'TROUBLE'],
        rows,
        terminal.columns,
      ),
    );
  }
  return exitCodes.done;
}

export async function show(
  { operands, options, json }: PushInput,
  terminal: Terminal,
): Promise<ExitCode> {
  const hub = await connectHub(options);
  const view = await hub.call<PushTargetView>('GET', pathOf(operands[0]));
  if (json) {
    terminal.out(JSON.stringify({ ...view, authorizedKey: lineFor(view) }));
    return exitCodes.done;
  }
  const { now, width } = sheetOf('agent', terminal);
  const { plain } = view;
  const facts = [
    ['where', targetText(view)],
    ['its key', `${view.hostKey.type} ${view.hostKey.fingerprint}`],
    ['gets', view.grants.join(' ') || 'nothing'],
    [
      'serves at',
      [...view.connect, ...view.servernames.map((name) => `(${name})`)].join(' ') ||
        'nowhere that was named: nothing is proven',
    ],
    [
      'by',
      plain === null
        ? 'the receiver there, and its own list'
        : `SFTP: ${plain.files.map(({ form, path }) => `${form} ${path}`).join(', ')}${plain.reload === undefined ? '' : `; then ${plain.reload}`}`,
    ],
    ['last push', view.triedAt === null ? 'never' : momentText(view.triedAt, now)],
    ...(view.fact === '' ? [] : [['trouble', inOneLine(view.fact)] as const]),
    ['next look', momentText(view.dueAt, now)],
  ] as const;
  terminal.out(
    [
      view.name,
      ...labelled(facts, width),
      '',
      'authorized_keys there, in one line:',
      lineFor(view),
    ].join('\n'),
  );
  return exitCodes.done;
}

export async function run(
  { operands, options, json }: PushInput,
  terminal: Terminal,
): Promise<ExitCode> {
  const hub = await connectHub(options);
  return pushNow(hub, operands[0] ?? '', json, terminal);
}

/** An agent among agents, and removed as one; but not one that was mistaken for it. */
export async function remove(input: PushInput, terminal: Terminal): Promise<ExitCode> {
  const hub = await connectHub(input.options);
  await hub.call<PushTargetView>('GET', pathOf(input.operands[0]));
  return removeAgent(input, terminal);
}

export async function receiver(
  { json }: { readonly json: boolean },
  terminal: Terminal,
): Promise<ExitCode> {
  const program = await receiverProgram();
  terminal.out(json ? JSON.stringify({ receiver: program }) : program.trimEnd());
  return exitCodes.done;
}

/** Pushes, and says of each listener what it shows. */
export async function pushNow(
  hub: HubClient,
  name: string,
  json: boolean,
  terminal: Terminal,
): Promise<ExitCode> {
  const visit = await hub.call<PushVisitView>('POST', `${pathOf(name)}/run`);
  if (json) terminal.out(JSON.stringify(visit));
  else tellVisit(visit, terminal);
  return exitOf(visit);
}

function tellVisit({ name, reports, trouble }: PushVisitView, terminal: Terminal): void {
  for (const { certificate, installed, detail, services } of reports) {
    if (!installed && trouble === null) {
      terminal.err(`${name} · ${certificate} · not installed: ${printable(detail)}`);
    }
    for (const { service, state, detail: words } of services) {
      const line = `${name} · ${certificate} · ${printable(service)} · ${state}`;
      if (state === 'serving') terminal.out(line);
      else terminal.err(`${line}: ${printable(words)}`);
    }
    if (installed && services.length === 0) {
      terminal.out(`${name} · ${certificate} · installed; nothing is proven without --connect`);
    }
  }
  if (trouble !== null) terminal.err(`${printable(trouble.fact)}\n${trouble.hint}`);
  else if (reports.length === 0) {
    terminal.out(`${name} takes what is pushed; there is no version of a certificate for it yet`);
  }
}

function exitOf({ reports, trouble }: PushVisitView): ExitCode {
  if (trouble !== null) {
    return trouble.exit === exitCodes.unreachable ? exitCodes.unreachable : exitCodes.failed;
  }
  const isServed = reports.every(
    ({ installed, services }) => installed && services.every(({ state }) => state === 'serving'),
  );
  return isServed ? exitCodes.done : exitCodes.failed;
}

export function lineFor({ publicKey, plain }: PushTargetView): string {
  return authorizedKey(publicKey, plain === null ? 'receiver' : 'unbound');
}

export function pathOf(name: string | undefined): string {
  return `/v1/push-targets/${encodeURIComponent(name ?? '')}`;
}
