import { exitCodes, SixhubError, type ExitCode, type Terminal } from '@sixhub/base';
import { apply, stepsNow } from '../apply/apply.js';
import type { Looked } from '../apply/desk.js';
import { runHere } from '../apply/run.js';
import { sha256 } from '../config/read-estate.js';
import { describeStep } from '../domain/apply/step.js';
import { lint } from '../domain/lint.js';
import { refusing } from '../domain/lints/index.js';
import { isEmpty, makePlan } from '../domain/plan/plan.js';
import { awaitConfirmation } from './await-confirmation.js';
import { lockHost, openDesk, settleEarlier } from './desk.js';
import { loadHost, readSoundEstate } from './load.js';
import { verifierOf, type VerifierOptions } from './verifier.js';

interface Options extends VerifierOptions {
  readonly config: string;
  readonly host: string | undefined;
  readonly state: string;
  readonly 'confirm-within': number;
  readonly install: boolean;
  readonly 'replace-edited': boolean;
  readonly 'dry-run': boolean;
  readonly 'no-wait': boolean;
}

export async function applyHost(
  input: { readonly options: Options; readonly json: boolean },
  terminal: Terminal,
): Promise<ExitCode> {
  const { options, json } = input;
  const { config, host } = options;
  const look = async (): Promise<Looked> => {
    const estate = await readSoundEstate(config);
    const loaded = await loadHost(estate, config, host, { root: '/', kernel: true });
    const plan = makePlan(loaded.host, loaded.rendered, loaded.facts, sha256);
    return { ...loaded, plan, text: estate.text };
  };
  if (options['dry-run']) return showSteps(await look(), json, terminal);
  const desk = await openDesk(
    { state: options.state, withinMs: options['confirm-within'], json },
    terminal,
  );
  const waiting = await (async () => {
    await using _ = await lockHost(desk);
    await settleEarlier(desk);
    const looked = await look();
    refuse(looked, options);
    return await apply(looked, { desk, config, look, verifier: verifierOf(desk, options) });
  })();
  if (waiting === undefined) {
    const nothing = 'Nothing to do: files and kernel are as host.toml has them.';
    terminal.out(json ? JSON.stringify({ event: 'nothing' }) : nothing);
    return exitCodes.done;
  }
  return options['no-wait'] ? exitCodes.waiting : awaitConfirmation(desk, waiting);
}

function refuse({ host, plan, facts }: Looked, options: Options): void {
  if (facts.kernel?.rules?.wanted === undefined && plan.packages.length === 0) {
    throw new SixhubError({
      code: 'kernel-unseen',
      fact: 'the kernel could not be asked for its devices and rules',
      hint: 'It needs root, ip (package iproute2) and nft (package nftables).',
    });
  }
  const rivals = lint(refusing, host, facts);
  if (rivals.length > 0) {
    throw new SixhubError({
      code: 'card-contended',
      fact: rivals.map(({ fact }) => fact).join('; '),
      hint: rivals.map(({ remedy }) => remedy).join('\n'),
      exit: exitCodes.waiting,
    });
  }
  const edited = plan.files.filter((file) => file.edited).map(({ path }) => path);
  if (edited.length > 0 && !options['replace-edited']) {
    throw new SixhubError({
      code: 'edited-by-hand',
      fact: `edited by hand since hostcore made them: ${edited.join(', ')}`,
      hint: '`hostcore plan` shows what would be lost. Put what you need of it into host.toml, and apply with --replace-edited.',
      exit: exitCodes.waiting,
    });
  }
  const missing = plan.packages.map(({ name }) => name);
  if (missing.length > 0 && !options.install) {
    throw new SixhubError({
      code: 'packages-missing',
      fact: `not installed: ${missing.join(', ')}`,
      hint: '`hostcore apply --install` installs them, and takes them out again if nobody confirms.',
      exit: exitCodes.waiting,
    });
  }
}

async function showSteps(looked: Looked, json: boolean, terminal: Terminal): Promise<ExitCode> {
  const { plan } = looked;
  const steps = isEmpty(plan) ? [] : await stepsNow(runHere, looked);
  const what = [
    ...(plan.packages.length === 0
      ? []
      : [`apt-get install ${plan.packages.map(({ name }) => name).join(' ')}`]),
    ...steps.map(describeStep),
  ];
  if (json) terminal.out(JSON.stringify({ host: looked.host.name, steps: what }));
  else if (what.length === 0)
    terminal.out('Nothing to do: files and kernel are as host.toml has them.');
  else terminal.out([...what, 'Nothing has been changed.'].join('\n'));
  return exitCodes.done;
}
