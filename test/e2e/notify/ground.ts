import { appendFile, chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { mustBe, openEstate, type Estate } from '../../lab/index.js';

/** A real hub whose hub.toml tells people in the ways that a test wants. */
export interface NotifyGround extends AsyncDisposable {
  readonly estate: Estate;
  /** Writes a secret beside hub.toml, as its owner would. */
  secret(name: string, content: string, mode?: number): Promise<string>;
  /** An executable beside hub.toml. */
  script(name: string, lines: readonly string[]): Promise<string>;
  readonly place: string;
  /** Adds to hub.toml. */
  configure(...lines: readonly string[]): Promise<void>;
  /** Has an issuance fail for good: its authority refuses the name. */
  makeTrouble(): Promise<void>;
}

export const refusedName = 'refused.example.org';

export async function openNotifyGround(): Promise<NotifyGround> {
  const estate = await openEstate({
    domains: [refusedName],
    pebble: { blocked: [refusedName] },
  });
  const place = join(dirname(estate.hub.config), 'notify');
  await mkdir(place, { mode: 0o755 });
  const write = async (name: string, content: string, mode: number): Promise<string> => {
    const path = join(place, name);
    await writeFile(path, content);
    await chmod(path, mode);
    return path;
  };
  return {
    estate,
    place,
    secret: (name, content, mode = 0o400) => write(name, `${content}\n`, mode),
    script: (name, lines) => write(name, ['#!/bin/sh', ...lines, ''].join('\n'), 0o755),
    configure: (...lines) => appendFile(estate.hub.config, `${lines.join('\n')}\n`),
    async makeTrouble() {
      await estate.delegate(refusedName);
      await mustBe(1, await estate.hub.run(['issue', refusedName]));
    },
    [Symbol.asyncDispose]: () => estate[Symbol.asyncDispose](),
  };
}
