import { existsSync } from 'node:fs';
import { programFailure, SixhubError } from '@sixhub/base';
import { wrong, type Finding } from '@sixhub/base/finding';
import type { ApplyRecord } from '../domain/apply/record.js';
import { keptName } from '../domain/apply/file-steps.js';
import { keptDevices } from '../domain/apply/kept-devices.js';
import { applySteps } from '../domain/apply/steps.js';
import { describeStep, pathsOf, type FileStep, type Step } from '../domain/apply/step.js';
import { deadUnits } from '../domain/apply/units.js';
import { isEmpty } from '../domain/plan/plan.js';
import { makeChange, type Change } from './change.js';
import { checkFiles } from './checkers.js';
import type { Desk, Looked, Verifier } from './desk.js';
import { install, newPackages, remnantsAmong } from './install.js';
import { carryOutFile, stageBeside } from './put-files.js';
import { readUnits } from './read-units.js';
import { runWords, type Run } from './run.js';
import { settleKernel } from './settle.js';

export interface ApplyWork {
  readonly desk: Desk;
  readonly config: string;
  readonly look: () => Promise<Looked>;
  readonly verifier: Verifier;
}

/** The steps that `apply` would take now; `--dry-run` shows them, and changes nothing. */
export async function stepsNow(run: Run, looked: Looked): Promise<readonly Step[]> {
  const units = await readUnits(run);
  return applySteps({ ...looked, units, isFree: (path) => !existsSync(path) });
}

/** Undefined where the host is as host.toml has it. */
export async function apply(looked: Looked, work: ApplyWork): Promise<ApplyRecord | undefined> {
  const { desk, config, look, verifier } = work;
  if (isEmpty(looked.plan)) return undefined;
  const { host, plan, rendered } = looked;
  let steps = await stepsNow(desk.run, looked);
  const missing = plan.packages.map(({ name }) => name);
  const verification = await verifier.prepare(looked);
  const devices = keptDevices(host, plan, looked.facts);
  const commands = commandsOf(steps);
  const packages = await newPackages(desk.run, missing);
  const change: Change = {
    ...{ kind: 'apply', host: host.name, config, devices, commands, description: looked.text },
    // A package that is installed first brings files of its own to our places, which are then kept beside.
    paths: [
      ...new Set([
        ...pathsOf(steps),
        ...rendered.flatMap(({ path }) => [path, keptName(path, (one) => !existsSync(one))]),
      ]),
    ],
    packages,
    remnants: await remnantsAmong(desk.run, packages),
    users: plan.users,
    steps: steps.length,
    verifySeconds: verifier.seconds,
    async makeReady(number) {
      if (missing.length > 0) {
        await install(desk, number, missing);
        // What came with them is somebody else's file, and was not there before.
        steps = await stepsNow(desk.run, await look());
      }
      const files = fileStepsOf(steps);
      for (const what of await checkFiles(desk.run, files)) {
        await desk.store.note(number, `checked: ${what}`);
        desk.tell({ event: 'checked', what });
      }
    },
    stage: (number) => stageBeside(fileStepsOf(steps), number),
    async carryOut(number) {
      await inTurn(steps, number, desk);
      await settleKernel(desk, number, look, removed(plan));
    },
    verify: async () => [
      ...(await daemonsLive(desk, commandsOf(steps))),
      ...(await verification()),
    ],
  };
  return makeChange(change, desk);
}

function removed({ kernel }: Looked['plan']): readonly string[] {
  return kernel.flatMap(({ kind, action, device }) =>
    kind === 'link' && action === 'remove' ? (device ?? []) : [],
  );
}

function commandsOf(steps: readonly Step[]): readonly string[] {
  return steps.flatMap((step) => (step.kind === 'run' ? [step.command] : []));
}

function fileStepsOf(steps: readonly Step[]): readonly FileStep[] {
  return steps.flatMap((step) => (step.kind === 'run' ? [] : [step]));
}

/** Each step is in the journal before it is taken. */
async function inTurn(
  steps: readonly Step[],
  number: number,
  { run, store, tell, signal }: Desk,
): Promise<void> {
  for (const [index, step] of steps.entries()) {
    signal.throwIfAborted();
    const what = describeStep(step);
    await store.note(number, `step ${index + 1} of ${steps.length}: ${what}`);
    tell({ event: 'step', count: index + 1, of: steps.length, what });
    if (step.kind !== 'run') {
      await carryOutFile(step, number);
      continue;
    }
    const failure = programFailure(await runWords(run, step.command));
    if (failure === undefined) continue;
    await store.note(number, `failed: ${failure}`);
    // The kernel's own changes hang together: what an earlier one took along can't be taken again. What is missing in the end
    // is seen when the kernel is looked at.
    if (/^(ip|sysctl|nft) /.test(step.command)) continue;
    throw new SixhubError({
      code: 'step-failed',
      fact: `${step.command}: ${failure}`,
      hint: 'Everything was taken back. `journalctl -b` may say more.',
    });
  }
}

/** A daemon may take its file and die of it a moment later. */
const livesMs = 1_000;

async function daemonsLive(
  { run, signal }: Desk,
  commands: readonly string[],
): Promise<readonly Finding[]> {
  const until = performance.now() + livesMs;
  for (;;) {
    signal.throwIfAborted();
    const dead = deadUnits(commands, await readUnits(run));
    if (dead.length > 0) {
      return dead.map((unit) =>
        wrong(`${unit} does not run with its new file`, `\`journalctl -u ${unit}\` has its words.`),
      );
    }
    if (performance.now() >= until) return [];
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
