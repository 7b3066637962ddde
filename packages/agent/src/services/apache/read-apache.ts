import type { Reading, Use } from '../../domain/use.js';
import { readLocalAddresses } from '../local-addresses.js';
import type { ReaderParts } from '../reader-parts.js';
import { toldBy, type Told } from '../refusal.js';
import { lastOfEachKeyType } from '../shown-certificates.js';
import { parseConfigDump } from './config-dump.js';
import { shownBy, type ApacheDump } from './shown.js';
import { parseVhostDump } from './vhost-dump.js';

/** mod_info prints the configuration that Apache has read (`-D DUMP_CONFIG`), and needs not be enabled for it. */
const infoModule = 'LoadModule info_module /usr/lib/apache2/modules/mod_info.so';

/**
 * What Apache 2.4 shows, by its own word: which servers answer where and to which names (DUMP_VHOSTS), and the
 * directives with every include, condition, macro and variable resolved (DUMP_CONFIG). apache2ctl knows Debian's envvars.
 */
export async function readApache(
  { run, files }: ReaderParts,
  configuration: string | undefined,
): Promise<Reading> {
  const apache = async (words: readonly string[]): Promise<Told> =>
    toldBy('apache2ctl', await run('apache2ctl', words));
  const test = [...(configuration === undefined ? [] : ['-f', configuration]), '-t'];
  // Who dumps is not asked whether the files are there (AP_SQ_RM_CONFIG_DUMP); who only checks is.
  const checked = await apache(test);
  if (checked.kind === 'unread') return checked;
  const dumps = ['DUMP_VHOSTS', 'DUMP_RUN_CFG', 'DUMP_CONFIG'].flatMap((dump) => ['-D', dump]);
  const told = await apache(['-C', infoModule, ...test, ...dumps]);
  if (told.kind === 'unread') return told;
  const local = await readLocalAddresses(files);
  const stay = lastOfEachKeyType(files);
  const uses: Use[] = [];
  for (const { host, port, servername, certificates } of shownBy(
    parseApacheDump(told.output),
    local,
  )) {
    const shown = await stay(certificates.map(({ path }) => path));
    for (const certificate of shown) {
      const where = certificates.findLast(({ path }) => path === certificate)?.where ?? '';
      const endpoint = { protocol: 'tls', host, port } as const;
      uses.push({ certificate, endpoint, servername, where });
    }
  }
  return { kind: 'read', uses, prepare: [] };
}

/** The three dumps follow one another in this order: servers, configuration, and what Apache runs with. */
function parseApacheDump(output: string): ApacheDump {
  const lines = output.split('\n');
  const config = lines.findIndex((line) => line.startsWith('# In file: '));
  const rest = lines.findLastIndex((line) => line.startsWith('ServerRoot: "'));
  const end = rest === -1 ? lines.length : rest;
  const start = config === -1 ? end : config;
  return {
    serverRoot: /^ServerRoot: "(.*)"$/.exec(lines[end] ?? '')?.[1] ?? '/etc/apache2',
    groups: parseVhostDump(lines.slice(0, start)),
    config: parseConfigDump(lines.slice(start, end)),
  };
}
