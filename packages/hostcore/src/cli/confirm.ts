import { exitCodes, type ExitCode, type Terminal } from '@sixhub/base';
import { confirm } from '../apply/confirm.js';
import { findCaller } from '../apply/process-mark.js';
import { lockHost, openDesk } from './desk.js';

export async function confirmChange(
  input: {
    readonly options: { readonly state: string; readonly console: boolean };
    readonly json: boolean;
  },
  terminal: Terminal,
): Promise<ExitCode> {
  const { state, console: atConsole } = input.options;
  const desk = await openDesk({ state, withinMs: 0, json: input.json }, terminal);
  const caller = await findCaller();
  await using _ = await lockHost(desk, 2_000);
  await confirm(desk, caller, atConsole);
  return exitCodes.done;
}
