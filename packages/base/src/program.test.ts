import { describe, expect, it } from 'vitest';
import { programFailure, runProgram } from './program.js';

describe('running a program', () => {
  it('gives its end and its words', async () => {
    const result = await runProgram('sh', ['-c', 'cat; echo no >&2; exit 3'], { input: 'in' });
    expect(result).toEqual({ kind: 'exited', code: 3, stdout: 'in', stderr: 'no\n' });
    expect(programFailure(result)).toBe('no');
  });

  it('does not wait for a child that it left behind with its pipes', async () => {
    const started = Date.now();
    const result = await runProgram('sh', ['-c', 'echo done; sleep 20 & exit 0']);
    expect(result).toMatchObject({ kind: 'exited', code: 0, stdout: 'done\n' });
    expect(Date.now() - started).toBeLessThan(15_000);
  });

  it('ends one that hangs, also where its own child hangs with it', async () => {
    const started = Date.now();
    const result = await runProgram('sh', ['-c', 'sleep 20; true'], { timeoutMs: 200 });
    expect(programFailure(result)).toBe('no end after 0.2 s');
    expect(Date.now() - started).toBeLessThan(15_000);
  });

  it('says what there is not', async () => {
    expect(programFailure(await runProgram('/no/such', []))).toBe('there is no program /no/such');
  });
});
