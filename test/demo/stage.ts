import { styleText } from 'node:util';
import { wrap } from '@sixhub/base';

/** What the audience sees: headings, what a person does, commands, and their words as they come. */
export interface Stage {
  heading(text: string): void;
  /** What happens outside of any command. */
  say(text: string): void;
  /** What a person types at this prompt. */
  command(line: string, prompt?: string): void;
  /** A line that a program printed. */
  output(line: string): void;
}

const margin = '    ';

export function openStage(stream: NodeJS.WriteStream): Stage {
  const paint = (style: 'bold' | 'cyan' | 'dim', text: string): string =>
    stream.isTTY ? styleText(style, text) : text;
  const write = (text: string): void => void stream.write(`${text}\n`);
  const columns = stream.columns ?? 100;
  let count = 0;
  return {
    heading(text) {
      count += 1;
      write(`\n${paint('bold', `${count}. ${text}`)}`);
    },
    say: (text) => write(wrap(`  ${text}`, columns)),
    command: (line, prompt = '$') => write(`  ${paint('cyan', `${prompt} ${line}`)}`),
    output(line) {
      for (const part of wrap(line, columns - margin.length, 2).split('\n')) {
        write(part === '' ? '' : `${margin}${paint('dim', part)}`);
      }
    },
  };
}
