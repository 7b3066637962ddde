import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  errorText,
  exitCodes,
  labelled,
  systemClock,
  wrap,
  writeWhole,
  type ExitCode,
  type Terminal,
} from '@sixhub/base';
import type { CaView } from '../api/ca-routes.js';
import { defaultConfigFile } from '../config/config-file.js';
import { connectHub, type ConnectionOptions } from './client.js';
import { momentText } from './moment-text.js';

interface CaInput {
  readonly json: boolean;
  readonly options: ConnectionOptions;
}

export async function show({ options, json }: CaInput, terminal: Terminal): Promise<ExitCode> {
  const hub = await connectHub(options);
  const view = await hub.call<CaView>('GET', '/v1/ca');
  tell(view, json, terminal);
  return exitCodes.done;
}

export async function rotate({ options, json }: CaInput, terminal: Terminal): Promise<ExitCode> {
  const hub = await connectHub(options);
  const view = await hub.call<CaView>('POST', '/v1/ca/rotate');
  await writeCaFile(options, view, terminal);
  tell(view, json, terminal);
  if (!json)
    terminal.out(
      'Make a backup now: a hub from one of before is not known to agents that have the next CA.',
    );
  return exitCodes.done;
}

export async function finish(
  { options, json }: CaInput & { readonly options: { readonly distrust: boolean } },
  terminal: Terminal,
): Promise<ExitCode> {
  const hub = await connectHub(options);
  const { distrust } = options;
  const view = await hub.call<CaView>('POST', '/v1/ca/finish', { distrust });
  await writeCaFile(options, view, terminal);
  tell(view, json, terminal);
  return exitCodes.done;
}

/** ca.pem beside hub.toml, where `hub init` has put one: who asks the REST API checks the hub's certificate with it. */
async function writeCaFile(
  { config, socket }: ConnectionOptions,
  { trusted }: CaView,
  terminal: Terminal,
): Promise<void> {
  if (config === undefined && socket !== undefined) return; // another hub than the one of the usual place
  const file = join(dirname(config ?? defaultConfigFile), 'ca.pem');
  try {
    await access(file);
    await writeWhole(file, trusted, { mode: 0o644 });
  } catch (error) {
    terminal.err(`${file} is not written anew (${errorText(error)}): run \`hub init\` as root`);
  }
}

function tell(view: CaView, json: boolean, terminal: Terminal): void {
  terminal.out(json ? JSON.stringify(view) : inWords(view, terminal).join('\n'));
}

function inWords(view: CaView, terminal: Terminal): readonly string[] {
  const { serving, next, without, invited, formerUntil } = view;
  const width = terminal.outColumns ?? Infinity;
  const day = (at: string): string => at.slice(0, 10);
  const facts = [
    ['CA', serving.sha256],
    ['until', day(serving.notAfter)],
    ...(next === null
      ? []
      : [['next', next.sha256] as const, ['until', day(next.notAfter)] as const]),
  ] as const;
  const names = (list: readonly string[], count: number): string =>
    list.join(' ') + (count > list.length ? ` and ${count - list.length} more` : '');
  const lines: string[] = [...labelled(facts, width)];
  if (next !== null) {
    lines.push('', 'The CA is being changed.');
    if (without.count > 0)
      lines.push(`Without the next one yet: ${names(without.agents, without.count)}`);
    if (invited.length > 0)
      lines.push(`Join tokens that name the present one: ${names(invited, invited.length)}`);
    lines.push(
      without.count + invited.length > 0
        ? 'It is finished by itself when there are none; `hub ca finish` does not wait for them.'
        : 'Nobody needs the present one any more: it is finished within seconds.',
    );
  } else if (formerUntil !== null) {
    const until = momentText(formerUntil, systemClock.now());
    lines.push('', `Certificates of the CA before count until ${until}.`);
    if (without.count > 0) lines.push(`Without this one: ${names(without.agents, without.count)}`);
  }
  return lines.map((line) => wrap(line, width));
}
