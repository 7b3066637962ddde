import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ports, programFile, type Lab } from '@sixhub/test/lab';

/** What answers took in a stretch of time, in milliseconds. */
export interface Latencies {
  readonly count: number;
  readonly median: number;
  readonly p99: number;
  readonly most: number;
}

/** dnsperf that asks at a steady rate until closed and tells what each answer took. */
export class NameLatency implements AsyncDisposable {
  private taken: number[] = [];
  private readonly child: ChildProcess;
  private readonly ended: Promise<unknown>;

  private constructor(child: ChildProcess) {
    this.child = child;
    this.ended = once(child, 'close');
  }

  /** `questions`: `NAME TYPE` each. */
  static async start(
    lab: Lab,
    address: string,
    questions: readonly string[],
    perSecond: number,
  ): Promise<NameLatency> {
    const file = join(await lab.makeDirectory('name-latency'), 'questions');
    await writeFile(file, `${questions.join('\n')}\n`);
    const at = ['-s', address, '-p', String(ports.dns), '-d', file];
    const rate = ['-Q', String(perSecond), '-c', '4', '-T', '1', '-l', '600', '-v'];
    const child = spawn(programFile('dnsperf'), [...at, ...rate], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const latency = new NameLatency(child);
    createInterface({ input: child.stdout }).on('line', (line) => {
      // `> NOERROR NAME TYPE 0.000321`
      const seconds = /^> \S+ \S+ \S+ ([\d.]+)$/.exec(line)?.[1];
      if (seconds !== undefined) latency.taken.push(Number(seconds) * 1_000);
      else if (/timed out/.test(line)) latency.taken.push(Infinity);
    });
    return latency;
  }

  /** Of what was answered since the last call. */
  take(): Latencies {
    const sorted = this.taken.toSorted((one, other) => one - other);
    this.taken = [];
    const at = (share: number): number =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
    return { count: sorted.length, median: at(0.5), p99: at(0.99), most: at(1) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}
