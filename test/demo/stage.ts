import { styleText } from 'node:util';

/** What the audience sees: headings, what a person does, commands, and their words as they come. */
export interface Stage {
  heading(text: string): void;
  /** What happens outside of any command. */
  say(text: string): void;
  command(line: string): void;
  /** A line that a program printed. */
  output(line: string): void;
}

const margin = '    ';

export function openStage(stream: NodeJS.WriteStream): Stage {
  const paint = (style: 'bold' | 'cyan' | 'dim', text: string): string =>
    stream.isTTY ? styleText(style, text) : text;
  const write = (text: string): void => void stream.write(`${text}\n`);
  let count = 0;
  return {
    heading(text) {
      count += 1;
      write(`\n${paint('bold', `${count}. ${text}`)}`);
    },
    say: (text) => write(`  ${text}`),
    command: (line) => write(`  ${paint('cyan', `$ ${line}`)}`),
    output: (line) => write(line === '' ? '' : `${margin}${paint('dim', line)}`),
  };
}
