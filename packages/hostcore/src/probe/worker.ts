import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { IpAddress } from '../domain/ip-address.js';
import type { Endpoint } from '../domain/verify/targets.js';
import { reach } from './connect.js';
import { lookUp, type Asked } from './lookup.js';

/**
 * The program that lives in a network namespace of its own and does there what it is told: a request is one line of JSON,
 * and so is its answer. It ends with its standard input, and the namespace ends with it: whoever started it may be killed,
 * and the kernel takes every device of the namespace away, the host's end among them.
 */
export const workerWord = 'probe-worker';

export type Request =
  | { readonly kind: 'set'; readonly settings: readonly (readonly [key: string, value: string])[] }
  | { readonly kind: 'look-up'; readonly asked: Asked }
  | {
      readonly kind: 'reach';
      readonly endpoint: Endpoint;
      readonly from: IpAddress;
      readonly withinMs: number;
    };

export async function work(): Promise<void> {
  const answer = (value: unknown): void => void process.stdout.write(`${packed(value)}\n`);
  process.stdout.on('error', () => process.stdin.destroy()); // nobody is left to answer
  answer({ ready: true });
  for await (const line of createInterface({ input: process.stdin })) {
    const { id, request } = unpacked<{ id: number; request: Request }>(line);
    void carryOut(request).then(
      (value) => answer({ id, value }),
      (error: unknown) => answer({ id, error: String(error) }),
    );
  }
}

async function carryOut(request: Request): Promise<unknown> {
  switch (request.kind) {
    case 'set': {
      // A kernel without one of them goes on without; which were taken is the answer.
      const taken = await Promise.all(
        request.settings.map(([key, value]) =>
          writeFile(`/proc/sys/${key}`, value).then(
            () => [key],
            () => [],
          ),
        ),
      );
      return taken.flat();
    }
    case 'look-up':
      return lookUp(request.asked);
    case 'reach':
      return reach(request.endpoint, request.from, request.withinMs);
    default:
      return request satisfies never;
  }
}

/** Addresses are numbers that JSON has no word for. */
export function packed(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) =>
    typeof one === 'bigint' ? { bigint: one.toString(16) } : one,
  );
}

export function unpacked<T>(line: string): T {
  return JSON.parse(line, (_, one: unknown) =>
    typeof one === 'object' && one !== null && 'bigint' in one
      ? BigInt(`0x${String(one.bigint)}`)
      : one,
  );
}
