import type { Daemon } from './daemon.js';
import { logSays } from './fact.js';
import { writeLabFile, type HostMachine } from './host-machine.js';
import type { Lab } from './lab.js';

/**
 * A TCP connection that goes on for minutes: the one end sends a number every fifth of a second, and the other answers each, or
 * only listens, as a slow download does.
 */
export interface HeldConnection {
  /** A later number came than any before, over the same connection; the milliseconds of the longest silence on the way. */
  goesOn(): Promise<number>;
  readonly daemon: Daemon;
}

export type Habit = 'answers' | 'listens' | 'speaks';

const port = 7007;

export async function serveNumbers(
  lab: Lab,
  machine: HostMachine,
  addresses: readonly string[],
): Promise<void> {
  const program = await writeLabFile(lab, 'numbers/server.mjs', server);
  for (const address of addresses) {
    const words = [program, address];
    await machine.start(`numbers-${address}`, process.execPath, words, logSays(/^up$/m));
  }
}

export async function holdConnection(
  lab: Lab,
  from: HostMachine,
  to: string,
  habit: Habit,
): Promise<HeldConnection> {
  const program = await writeLabFile(lab, 'numbers/client.mjs', client);
  const daemon = await from.start(
    `held-${habit}-${to}`,
    process.execPath,
    [program, to, habit],
    logSays(/^2 /m),
  );
  const seen = async (): Promise<string> => {
    const log = await daemon.log();
    const ended = /^ended.*$/m.exec(log)?.[0];
    if (ended !== undefined) throw new Error(`the connection to ${to} (${habit}) ${ended}`);
    return log;
  };
  return {
    daemon,
    async goesOn() {
      const last = /(\d+) \d+\n$/.exec(await seen())?.[1] ?? '0';
      const until = performance.now() + 30_000;
      for (;;) {
        const log = await seen();
        const [, now = '0'] = /(\d+) \d+\n$/.exec(log) ?? [];
        if (Number(now) > Number(last) + 1) {
          return Math.max(...[...log.matchAll(/^\d+ (\d+)$/gm)].map(([, gap]) => Number(gap)));
        }
        if (performance.now() > until) {
          throw new Error(`the connection to ${to} (${habit}) is silent after ${last}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
  };
}

/** What the client sends first says which habit it is to serve. */
const server = `import { createServer } from 'node:net';
createServer((socket) => {
  let count = 0;
  let timer;
  socket.on('error', () => socket.destroy());
  socket.on('close', () => clearInterval(timer));
  socket.on('data', (data) => {
    for (const word of String(data).trim().split('\\n')) {
      if (word === 'listens' || word === 'answers') timer ??= setInterval(() => socket.write(\`\${(count += 1)}\\n\`), 200);
      if (word === 'speaks') timer ??= 0;
      if (/^say \\d+$/.test(word)) socket.write(\`\${word.slice(4)}\\n\`);
    }
  });
}).listen(${port}, process.argv[2], () => console.log('up'));
`;

const client = `import { connect } from 'node:net';
const [, , host, habit] = process.argv;
const socket = connect(${port}, host);
let before = performance.now();
let said = 0;
socket.on('connect', () => {
  socket.write(\`\${habit}\\n\`);
  if (habit === 'speaks') setInterval(() => socket.write(\`say \${(said += 1)}\\n\`), 200);
});
socket.on('data', (data) => {
  const now = performance.now();
  for (const word of String(data).trim().split('\\n')) {
    console.log(\`\${word} \${Math.round(now - before)}\`);
    if (habit === 'answers') socket.write(\`\${word}\\n\`);
    before = now;
  }
});
socket.on('error', (error) => console.log(\`ended: \${error.code}\`));
socket.on('close', () => console.log('ended'));
setInterval(() => {}, 1000);
`;
