import { readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { programFailure, type RunProgram } from '@sixhub/base';
import type { Argv } from '../domain/service.js';
import type { ServiceControl } from '../ports.js';

const checkTimeoutMs = 30_000;
const reloadTimeoutMs = 60_000;

/** systemd.exec(5) has the id; that it lies here as a link spares a systemctl in each run with nothing to do. */
const systemdUnits = '/run/systemd/units';

/** Runs the programs that agent.toml names, by argument list, and keeps their own words where they fail. */
export function serviceControl(run: RunProgram, units = systemdUnits): ServiceControl {
  const words = async ([file, ...args]: Argv, timeoutMs: number): Promise<string | undefined> => {
    const failure = programFailure(await run(file, args, { timeoutMs }));
    return failure === undefined ? undefined : `${[file, ...args].join(' ')}: ${failure}`;
  };
  /** One that fails is not followed by the next. */
  const inTurn = async (
    programs: readonly Argv[],
    timeoutMs: number,
  ): Promise<string | undefined> => {
    for (const program of programs) {
      const failure = await words(program, timeoutMs);
      if (failure !== undefined) return failure;
    }
    return undefined;
  };
  return {
    check: ({ checks }) => inTurn(checks, checkTimeoutMs),
    reload: ({ reload }, prepare) => inTurn([...prepare, reload], reloadTimeoutMs),
    revive: ({ revive }, prepare) => inTurn([...prepare, revive], reloadTimeoutMs),
    async startOf({ unit }) {
      if (unit === undefined) return undefined;
      return readlink(join(units, `invocation:${unit}`)).catch(() => undefined); // not running, or no systemd
    },
  };
}
