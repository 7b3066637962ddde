import { spawn } from 'node:child_process';
import { PcapReader } from './pcap.js';

/** Frames at a device, whole, as tcpdump hands them over: Node has no AF_PACKET. */
export interface Capture extends AsyncDisposable {
  readonly frames: readonly Buffer[];
  /** True when `enough` holds; false when the time is over. */
  until(enough: (frames: readonly Buffer[]) => boolean, withinMs: number): Promise<boolean>;
}

export type Opened = Capture | { readonly reason: string };

export interface Watched {
  readonly device: string;
  /** `pcap-filter(7)`. */
  readonly filter: string;
  readonly direction: 'in' | 'out' | 'inout';
  /** In the namespace of this process; its own unless said. */
  readonly namespace?: number;
}

/** A card in a busy bridge may leak thousands a second: so many are enough. */
const keptFrames = 2_000;

/** Returns when it listens. */
export async function openCapture(watched: Watched): Promise<Opened> {
  const { device, filter, direction, namespace } = watched;
  const inside = namespace === undefined ? [] : ['nsenter', `--net=/proc/${namespace}/ns/net`];
  const tcpdump = [
    ...['tcpdump', '-i', device, '-Q', direction, '-p', '-n', '-U', '--immediate-mode'],
    ...['-s', '1600', '-Z', 'root', '-w', '-', filter],
  ];
  const words = ['--pdeathsig', 'KILL', '--', ...inside, ...tcpdump];
  const child = spawn('setpriv', words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
  });
  const reader = new PcapReader();
  const frames: Buffer[] = [];
  let complaint = '';
  let told = (): void => undefined;
  child.stdout.on('data', (chunk: Buffer) => {
    const found = reader.push(chunk);
    if (frames.length < keptFrames) frames.push(...found);
    told();
  });
  child.stderr.on('data', (chunk) => (complaint += String(chunk)));
  let over = false;
  const ended = new Promise<void>((resolve) => {
    const end = (): void => {
      over = true;
      resolve();
      told();
    };
    child.once('close', end);
    child.once('error', (error) => {
      complaint ||= error.message;
      end();
    });
  });
  const until: Capture['until'] = (enough, withinMs) =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!over && !enough(frames)) return;
        told = () => undefined;
        clearTimeout(deadline);
        resolve(enough(frames));
      };
      const deadline = setTimeout(() => {
        told = () => undefined;
        resolve(enough(frames));
      }, withinMs);
      told = look;
      look();
    });
  if (!(await until(() => reader.begun, 5_000))) {
    child.kill('SIGKILL');
    await ended;
    return { reason: reasonOf(complaint) };
  }
  return {
    frames,
    until,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function reasonOf(complaint: string): string {
  if (/failed to execute tcpdump|No such file/i.test(complaint)) {
    return 'there is no tcpdump: apt install tcpdump';
  }
  return complaint.trim().split('\n').at(-1) || 'tcpdump did not start';
}
