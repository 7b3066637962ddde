import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { TerminalScreen } from './screen.js';

class Stream extends EventEmitter {
  columns = 20;
  rows = 5;
  text = '';
  write(text: string): void {
    this.text += text;
  }
  taken(): string {
    const { text } = this;
    this.text = '';
    return text;
  }
}

test('lines are cut to the terminal, drawn over, and gone at the end', () => {
  const stream = new Stream();
  const screen = new TerminalScreen(stream);
  {
    using kept = screen.keep(({ columns, rows }) => [`${columns}x${rows} ${'x'.repeat(30)}`, 'b']);
    expect(stream.taken()).toBe(`\r20x5 xxxxxxxxxxxxx…\u001b[K\nb\u001b[K\n\u001b[J`);
    screen.above(() => stream.write('printed\n'));
    expect(stream.taken()).toContain('\r\u001b[2A\u001b[Jprinted\n\r20x5');
    void kept;
  }
  expect(stream.taken()).toBe('\r\u001b[2A\u001b[J');
  screen.above(() => stream.write('after\n'));
  expect(stream.taken()).toBe('after\n');
  expect(stream.listenerCount('resize')).toBe(0);
});

test('a terminal that was made narrower has broken the lines anew', () => {
  const stream = new Stream();
  const screen = new TerminalScreen(stream);
  using kept = screen.keep(() => ['a'.repeat(19)]);
  stream.taken();
  stream.columns = 10;
  screen.above(() => undefined);
  expect(stream.taken()).toContain('\r\u001b[2A\u001b[J');
  void kept;
});

test('never higher than the terminal', () => {
  const stream = new Stream();
  using kept = new TerminalScreen(stream).keep(() => Array.from({ length: 50 }, () => 'line'));
  expect(stream.taken().match(/line/g)).toHaveLength(4);
  void kept;
});
