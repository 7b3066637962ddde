import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const base = fileURLToPath(new URL('../../packages/base/dist/index.js', import.meta.url));

/**
 * What a program installs beside itself, as files below `/`: its manual page under each of its names, and completion
 * where Debian's shells look for it.
 */
export async function pagesOf(program, { date, seeAlso }) {
  const { completionScript, manPage } = await import(base);
  const { name, alsoCalled = [] } = program;
  const manual = 'usr/share/man/man1';
  return [
    { path: join(manual, `${name}.1`), text: manPage(program, { date, seeAlso }) },
    ...alsoCalled.map((other) => ({
      path: join(manual, `${other}.1`),
      text: `.so man1/${name}.1\n`,
    })),
    ...[name, ...alsoCalled].flatMap((called) => [
      {
        path: `usr/share/bash-completion/completions/${called}`,
        text: completionScript(program, 'bash'),
      },
      {
        path: `usr/share/fish/vendor_completions.d/${called}.fish`,
        text: completionScript(program, 'fish'),
      },
    ]),
    {
      path: `usr/share/zsh/vendor-completions/_${name}`,
      text: completionScript(program, 'zsh'),
    },
  ];
}
