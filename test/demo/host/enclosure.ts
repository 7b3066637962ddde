import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { exitCodes, programFailure, runProgram, SixhubError } from '@sixhub/base';
import { programFile } from '../../lab/index.js';
import { explain, stopSignals } from '../demonstrate.js';

/** Said to the process inside, so that it knows where it is. */
const mark = '--enclosed';

const namespaces = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];

/** Its own: what a killed demonstration has written there goes with the namespace. */
const directory = '/dev/shm';

/**
 * Runs this program anew in network, mount and process namespaces of its own, and `work` there. When its first process ends, even
 * by kill -9, the kernel ends everything in it, daemons that went into the background too; and a mistake in there meets a network
 * without devices, not this machine's.
 */
export async function enclosed(work: () => Promise<number>): Promise<number> {
  if (process.argv.includes(mark)) {
    obeyOutside();
    return work();
  }
  try {
    await mustBeAllowed();
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    return exitCodes.usage;
  }
  const inside = enter();
  for (const name of stopSignals) {
    process.on(name, () => void (inside.connected && inside.send(name)));
  }
  const [code] = await once(inside, 'exit');
  return typeof code === 'number' ? code : exitCodes.failed;
}

function enter(): ChildProcess {
  const script = `ip link set lo up && mount -t tmpfs -o mode=1777 tmpfs ${directory} && "$@"; exit $?`;
  const again = [process.execPath, ...process.execArgv, ...process.argv.slice(1), mark];
  return spawn(
    programFile('setpriv', 'util-linux'),
    [
      ...['--pdeathsig', 'KILL', '--', programFile('unshare', 'util-linux'), ...namespaces],
      // A shell is its first process: it takes in whom others left.
      ...['/bin/sh', '-c', script, 'demonstration', ...again],
    ],
    {
      // A terminal's Ctrl-C comes to us alone, and is passed on.
      detached: true,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: {
        ...process.env,
        PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`,
        TMPDIR: directory,
      },
    },
  );
}

/** Signals that are meant for us are told by the process outside. */
function obeyOutside(): void {
  process.on('message', (told) => {
    const name = stopSignals.find((one) => one === told);
    if (name !== undefined) process.kill(process.pid, name);
  });
  process.channel?.unref();
}

async function mustBeAllowed(): Promise<void> {
  const tried = await runProgram(programFile('unshare', 'util-linux'), [...namespaces, 'true']);
  const failure = programFailure(tried);
  if (failure === undefined) return;
  throw new SixhubError({
    code: 'no-namespaces',
    fact: `the demonstration lays its network in namespaces, which it may not make here (${failure})`,
    hint: 'Run it as root: `sudo env "PATH=$PATH" npm run demo:host`. In a container, one that may: `docker run --privileged`.',
    exit: exitCodes.usage,
  });
}
