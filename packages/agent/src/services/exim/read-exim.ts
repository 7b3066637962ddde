import { programFailure } from '@sixhub/base';
import type { Reading, Use } from '../../domain/use.js';
import { hasIpv6 } from '../host-addresses.js';
import { inOneLine } from '../own-words.js';
import type { ReaderParts } from '../reader-parts.js';
import { lastOfEachKind, shownOfCertificate, type Shown } from '../served-files.js';
import { splitEximList } from './exim-list.js';
import {
  dependsOnSniAlone,
  listenersOf,
  mainOptions,
  parseDefaults,
  parseOptions,
} from './main-options.js';

/**
 * Exim 4 by its own `-bP` and, for values with expansions, `-be`. Told is what is shown without a name: which names an
 * expansion on $tls_in_sni has can't be read from it. One that depends on anything else of the connection tells nothing.
 */
export async function readExim(
  parts: ReaderParts,
  configuration: string | undefined,
): Promise<Reading> {
  const file = configuration === undefined ? [] : ['-C', configuration];
  const printed = await exim(parts, [...file, '-bP', ...mainOptions]);
  if (printed.kind === 'failed') return { kind: 'unread', why: printed.why };
  const about = await exim(parts, [...file, '-bV']);
  if (about.kind === 'failed') return { kind: 'unread', why: about.why };
  const options = parseOptions(printed.text);
  const value = options.get('tls_certificate') ?? '';
  const certificates = await certificatesIn(parts, file, value);
  const shown = await shownOf(parts, certificates, /\bGnuTLS\b/.test(about.text));
  const textOf = (path: string): Promise<string> => parts.files.read(path).catch(() => ''); // what is built in remains
  const listeners = listenersOf(
    options,
    // Debian starts its daemon with these, which are about its own configuration alone.
    parseDefaults(configuration === undefined ? await textOf('/etc/default/exim4') : ''),
    { etcServices: await textOf('/etc/services'), ipv6: await hasIpv6(parts) },
  );
  const where = `${configuration ?? 'exim4'}: tls_certificate`;
  const uses = listeners.flatMap((endpoint) =>
    shown.map(({ path }): Use => ({ certificate: path, endpoint, servername: undefined, where })),
  );
  return { kind: 'read', uses, prepare: [] };
}

type Answer =
  | { readonly kind: 'told'; readonly text: string }
  | { readonly kind: 'failed'; readonly why: string };

async function exim({ run }: ReaderParts, args: readonly string[]): Promise<Answer> {
  const result = await run('exim4', args);
  const failure = programFailure(result);
  if (result.kind === 'exited' && failure === undefined)
    return { kind: 'told', text: result.stdout };
  return { kind: 'failed', why: inOneLine(failure ?? '') };
}

/** "The value of this option is expanded, and must then be a list of absolute paths." */
async function certificatesIn(
  parts: ReaderParts,
  file: readonly string[],
  value: string,
): Promise<readonly string[]> {
  if (!dependsOnSniAlone(value)) return [];
  let expanded = value;
  if (/[$\\]/.test(value)) {
    const answer = await exim(parts, [...file, '-be', value]);
    if (answer.kind === 'failed' || answer.text.startsWith('Failed:')) return [];
    expanded = answer.text.trim();
  }
  return splitEximList(expanded).filter((path) => path.startsWith('/'));
}

/** Of several for one key type GnuTLS, which Debian builds Exim with, shows the first; OpenSSL the last. */
async function shownOf(
  { files }: ReaderParts,
  paths: readonly string[],
  isGnuTls: boolean,
): Promise<readonly Shown[]> {
  const shown = await Promise.all(
    paths.map(async (path) =>
      shownOfCertificate({ path, text: await files.read(path).catch(() => undefined) }),
    ),
  );
  return isGnuTls ? [...lastOfEachKind([...shown].reverse())].reverse() : lastOfEachKind(shown);
}
