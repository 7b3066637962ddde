import type { Reading, Use } from '../../domain/use.js';
import { readLocalAddresses } from '../local-addresses.js';
import type { ReaderParts } from '../reader-parts.js';
import { toldBy } from '../refusal.js';
import { lastOfEachKeyType } from '../shown-certificates.js';
import { parseConfiguration, type Configuration } from './configuration.js';
import { Unparsable } from './directive.js';
import { roomsOf } from './server.js';
import { shownBy } from './shown.js';

/** What nginx shows, by the configuration that it checks and prints itself (`nginx -T`). */
export async function readNginx(
  { run, files }: ReaderParts,
  configuration: string | undefined,
): Promise<Reading> {
  const file = configuration === undefined ? [] : ['-c', configuration];
  const told = toldBy('nginx', await run('nginx', ['-T', '-q', ...file]));
  if (told.kind === 'unread') return told;
  const parsed = parsedOf(told.output);
  if (parsed instanceof Unparsable) return { kind: 'unread', why: parsed.message };
  const local = await readLocalAddresses(files);
  const hostname = await files.read('/proc/sys/kernel/hostname').catch(() => '');
  const stay = lastOfEachKeyType(files);
  const uses: Use[] = [];
  const shown = roomsOf(parsed).flatMap((room) => shownBy(room, local, hostname.trim()));
  for (const { endpoint, servername, certificates } of shown) {
    for (const certificate of await stay(certificates.map(({ path }) => path))) {
      const where = certificates.findLast(({ path }) => path === certificate)?.where ?? '';
      uses.push({ certificate, endpoint, servername, where });
    }
  }
  return { kind: 'read', uses, prepare: [] };
}

/** nginx has read it, so what is not understood here is a module's own language. */
function parsedOf(dump: string): Configuration | Unparsable {
  try {
    return parseConfiguration(dump);
  } catch (error) {
    if (error instanceof Unparsable) return error;
    throw error;
  }
}
