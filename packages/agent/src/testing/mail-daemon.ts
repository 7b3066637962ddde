import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programFailure, runProgram } from '@sixhub/base';
import type { Endpoint } from '@sixhub/wire';
import type { Argv } from '../domain/service.js';
import { startDaemon, type Daemon, type DaemonSpec } from './daemon.js';
import { isListening } from './loopback.js';

/** The files that a mail server is to serve, as its configuration names them. */
export interface ServedFiles {
  /** The certificate and what leads to its root. */
  readonly certificate: string;
  readonly privateKey: string;
}

/** A real mail server from its own root on its own loopback address. */
export interface MailDaemon<Listener extends string, Change> extends AsyncDisposable {
  readonly root: string;
  readonly address: string;
  /** What the service kind calls `configuration`: a directory for Postfix, a file for the others. */
  readonly configuration: string;
  readonly listeners: Readonly<Record<Listener, Endpoint>>;
  readonly check: Argv;
  readonly reload: Argv;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Writes the configuration anew with these lines at its end, none without; what runs has it after a reload. */
  configure(change: Change): Promise<void>;
}

/** Whose parents are open, since these daemons work as users of their own; short, for the sockets in it. */
export async function mailRoot(name: string): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), `${name}-`));
  await chmod(root, 0o755);
  return root;
}

/** Start, stop and end of a daemon that is ready when it listens everywhere. */
export function lifeOf(
  root: string,
  listeners: readonly Endpoint[],
  spec: Omit<DaemonSpec, 'logFile' | 'isReady'>,
): Pick<MailDaemon<never, never>, 'start' | 'stop' | typeof Symbol.asyncDispose> {
  let running: Daemon | undefined;
  const stop = async (): Promise<void> => {
    await running?.stop();
    running = undefined;
  };
  return {
    async start() {
      await stop();
      running = await startDaemon({
        ...spec,
        logFile: join(root, 'output'),
        isReady: async () => (await Promise.all(listeners.map(isListening))).every(Boolean),
      });
    },
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** Runs one of the daemon's own commands, and throws in its words. */
export async function command([file, ...args]: Argv): Promise<void> {
  const failure = programFailure(await runProgram(file, args));
  if (failure !== undefined) throw new Error(`${[file, ...args].join(' ')}: ${failure}`);
}
