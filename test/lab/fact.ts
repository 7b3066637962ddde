import { connect, type NetConnectOpts } from 'node:net';

/** Something that can be seen from outside once a daemon is ready; asked again and again, never slept for. */
export interface Fact {
  readonly says: string;
  holds(log: () => Promise<string>): Promise<boolean>;
}

export function listensAt(host: string, port: number): Fact {
  return { says: `it listens at ${host}:${port}`, holds: () => connects({ host, port }) };
}

export function listensAtSocket(path: string): Fact {
  return { says: `it listens at ${path}`, holds: () => connects({ path }) };
}

export function logSays(pattern: RegExp): Fact {
  return { says: `its log says ${pattern}`, holds: async (log) => pattern.test(await log()) };
}

/** All of them, in this order. */
export function allOf(...facts: readonly Fact[]): Fact {
  return {
    says: facts.map((fact) => fact.says).join(' and '),
    async holds(log) {
      for (const fact of facts) if (!(await fact.holds(log))) return false;
      return true;
    },
  };
}

function connects(options: NetConnectOpts): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ ...options, timeout: 1_000 });
    const end = (answer: boolean) => (): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', end(true));
    socket.once('error', end(false));
    socket.once('timeout', end(false));
  });
}
