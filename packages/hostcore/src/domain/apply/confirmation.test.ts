import { expect, test } from 'vitest';
import { judge } from './confirmation.js';

const at = (startedAt: number) => ({ sshd: { pid: 7, startedAt }, terminal: 'pts/1' });

test('a connection is new when its sshd started after the change was made', () => {
  expect(judge(at(100.02), 100.01, false)).toEqual({ kind: 'accepted' });
  for (const early of [100.01, 100, 3]) {
    expect(judge(at(early), 100.01, false)).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining('sshd 7) is older than the change'),
    });
  }
  const none = { sshd: undefined, terminal: 'pts/1' };
  expect(judge(none, 1, false)).toMatchObject({
    kind: 'refused',
    hint: expect.stringContaining('tmux'),
  });
});

test.each(['tty1', 'ttyS0', 'hvc0', 'console', 'ttyAMA0'])('%s is a console', (terminal) => {
  expect(judge({ sshd: undefined, terminal }, 1, true)).toEqual({ kind: 'accepted' });
});

test.each(['pts/0', undefined, 'tty', 'ptmx'])('%s is none', (terminal) => {
  expect(judge({ ...at(9), terminal }, 1, true)).toMatchObject({ kind: 'refused' });
});
