import type { Described } from '../apply/desk.js';
import type { KeptDescription } from '../apply/store.js';
import { readEstate } from '../config/read-estate.js';
import { loadHost } from './load.js';

/** This host beside a description of an older apply: undefined where that is none any more, to a newer hostcore. */
export async function readKept(
  { file, text }: KeptDescription,
  host: string,
): Promise<Described | undefined> {
  const estate = readEstate(file, text);
  const isSound = estate.complaints.length === 0 && estate.hosts.some(({ name }) => name === host);
  return isSound ? loadHost(estate, file, host, { root: '/', kernel: true }) : undefined;
}
