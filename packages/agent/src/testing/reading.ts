import { relative } from 'node:path';
import { formatEndpoint } from '@sixhub/wire';
import type { Reading } from '../domain/use.js';

/** Sorted lines of `certificate endpoint name`, short enough to be compared as a whole; paths as seen from `root`. */
export function linesOf(reading: Reading, root: string): readonly string[] {
  if (reading.kind === 'unread') return [`unread: ${reading.why}`];
  return reading.uses
    .map(({ certificate, endpoint, servername }) =>
      [relative(root, certificate), formatEndpoint(endpoint), servername ?? '-'].join(' '),
    )
    .sort();
}
