import { programFailure, type RunProgram } from '@sixhub/base';
import type { Argv } from '../domain/service.js';
import type { ServiceControl } from '../ports.js';

const checkTimeoutMs = 30_000;
const reloadTimeoutMs = 60_000;

/** Runs the programs that agent.toml names, by argument list, and keeps their own words where they fail. */
export function serviceControl(run: RunProgram): ServiceControl {
  const words = async ([file, ...args]: Argv, timeoutMs: number): Promise<string | undefined> => {
    const failure = programFailure(await run(file, args, { timeoutMs }));
    return failure === undefined ? undefined : `${[file, ...args].join(' ')}: ${failure}`;
  };
  /** One that fails is not followed by the next. */
  const inTurn = async (programs: readonly Argv[]): Promise<string | undefined> => {
    for (const program of programs) {
      const failure = await words(program, reloadTimeoutMs);
      if (failure !== undefined) return failure;
    }
    return undefined;
  };
  return {
    check: async ({ check }) => (check === undefined ? undefined : words(check, checkTimeoutMs)),
    reload: ({ reload }, prepare) => inTurn([...prepare, reload]),
    revive: ({ revive }, prepare) => inTurn([...prepare, revive]),
  };
}
