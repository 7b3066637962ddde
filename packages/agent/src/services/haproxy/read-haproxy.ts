import { join } from 'node:path';
import type { Reading, Use } from '../../domain/use.js';
import { readLocalAddresses } from '../local-addresses.js';
import type { ReaderParts } from '../reader-parts.js';
import { toldBy } from '../refusal.js';
import { sectionsOf, type File } from './configuration.js';
import { endpointsOf } from './endpoints.js';
import { wordsOf, type Environment } from './line.js';
import { loadCertificates } from './loaded.js';
import { bindsOf, placesOf } from './proxies.js';
import { shownBy } from './shown.js';

const debians = '/etc/haproxy/haproxy.cfg';
/** Read by Debian's unit and init script before HAProxy starts. */
const debiansEnvironment = '/etc/default/haproxy';

/**
 * What HAProxy shows. It prints nothing of what it has read, so after its own check the file is read here, and HAProxy
 * is asked what its conditions amount to (`haproxy -cc`).
 */
export async function readHaproxy(
  { run, files }: ReaderParts,
  configuration: string | undefined,
): Promise<Reading> {
  const path = configuration ?? debians;
  const environment = await environmentOf(files);
  // As PID 1 runs it: relative paths begin at the root.
  const options = (variables: Environment): Parameters<typeof run>[2] => ({
    cwd: '/',
    env: { ...process.env, ...Object.fromEntries(variables) },
  });
  const told = toldBy('haproxy', await run('haproxy', ['-c', '-f', path], options(environment)));
  if (told.kind === 'unread') return told;
  const texts = await textsOf(files, path);
  if (texts === undefined) return { kind: 'unread', why: `${path} can't be read` };
  const sections = await sectionsOf(texts, environment, async (condition, variables) => {
    const result = await run('haproxy', ['-cc', condition], options(variables));
    // 2: it does not understand the condition (management guide, §3).
    return result.kind !== 'exited' || result.code > 1 ? undefined : result.code === 0;
  });
  const local = await readLocalAddresses(files);
  const opened = bindsOf(sections).flatMap((bind) =>
    bind.sockets.map((socket) => ({ bind, socket })),
  );
  const uses: Use[] = [];
  for (const bind of new Set(opened.map((one) => one.bind))) {
    if (!bind.tls) continue;
    const loaded = await loadCertificates({ files }, bind, placesOf(sections, path));
    const hosts = opened.flatMap(({ bind: of, socket }) =>
      of === bind
        ? endpointsOf(
            socket,
            opened.map((one) => one.socket),
            local,
          )
        : [],
    );
    for (const { host, port } of hosts) {
      const endpoint = { protocol: 'tls', host, port } as const;
      for (const { servername, certificate } of shownBy(bind, loaded ?? [])) {
        uses.push({
          certificate: certificate.path,
          endpoint,
          servername,
          where: certificate.where,
        });
      }
    }
  }
  return { kind: 'read', uses, prepare: [] };
}

/** `NAME=value` lines, quoted or not, as systemd.exec(5) has EnvironmentFile. */
async function environmentOf(files: ReaderParts['files']): Promise<Environment> {
  const text = await files.read(debiansEnvironment).catch(() => '');
  const pairs = text.split('\n').flatMap((line) => {
    const [word] = wordsOf(line, new Map());
    const equals = word?.indexOf('=') ?? -1;
    return word === undefined || equals < 1
      ? []
      : [[word.slice(0, equals), word.slice(equals + 1)] as const];
  });
  return new Map(pairs);
}

/** A directory stands for the files in it whose names end with .cfg, in the order of their names (management guide, §3). */
async function textsOf(
  files: ReaderParts['files'],
  path: string,
): Promise<readonly File[] | undefined> {
  const names = await files.list(path).catch(() => undefined);
  const paths = names
    ?.filter((name) => name.endsWith('.cfg') && !name.startsWith('.'))
    .sort()
    .map((name) => join(path, name)) ?? [path];
  const texts: File[] = [];
  for (const each of paths) {
    const text = await files.read(each).catch(() => undefined);
    if (text === undefined) return undefined;
    texts.push({ path: each, text });
  }
  return texts;
}
