import { SixhubError } from '@sixhub/base';

/**
 * The archive inside a backup: POSIX ustar (IEEE 1003.1, pax, "ustar Interchange Format"), so that any `tar` opens
 * what `age` has decrypted. Regular files alone, short names, no links.
 */
export interface Entry {
  readonly name: string;
  readonly mode: number;
  readonly content: Uint8Array;
}

const block = 512;
const fields = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  magic: [257, 8],
} as const;
type Field = keyof typeof fields;

export function* writeArchive(entries: readonly Entry[], at: Date): Generator<Uint8Array> {
  for (const { name, mode, content } of entries) {
    yield header(name, mode, content.length, at);
    yield content;
    yield new Uint8Array(padding(content.length));
  }
  yield new Uint8Array(2 * block);
}

function header(name: string, mode: number, size: number, at: Date): Uint8Array {
  const bytes = Buffer.alloc(block);
  const put = (field: Field, text: string): void => {
    bytes.write(text, fields[field][0], 'ascii');
  };
  const octal = (field: Field, value: number): void =>
    put(field, value.toString(8).padStart(fields[field][1] - 1, '0'));
  put('name', name);
  octal('mode', mode);
  octal('uid', 0);
  octal('gid', 0);
  octal('size', size);
  octal('mtime', Math.floor(at.getTime() / 1_000));
  put('type', '0');
  put('magic', 'ustar\u000000');
  put('checksum', `${checksum(bytes).toString(8).padStart(6, '0')}\0 `);
  return bytes;
}

/** The sum of the header's bytes, its own field counted as spaces. */
function checksum(bytes: Buffer): number {
  const [start, length] = fields.checksum;
  return bytes.reduce(
    (sum, byte, at) => sum + (at >= start && at < start + length ? 0x20 : byte),
    0,
  );
}

function padding(size: number): number {
  return (block - (size % block)) % block;
}

/** The same files, without a copy of their content. */
export function readArchive(archive: Buffer): readonly Entry[] {
  const entries: Entry[] = [];
  for (let at = 0; ;) {
    const head = archive.subarray(at, at + block);
    if (head.length < block) throw notAnArchive();
    if (head.every((byte) => byte === 0)) return entries;
    const text = (field: Field): string => {
      const [start, length] = fields[field];
      return head.toString('ascii', start, start + length).replace(/[\0 ].*$/s, '');
    };
    const size = parseInt(text('size'), 8);
    const content = archive.subarray(at + block, at + block + size);
    const sound = parseInt(text('checksum'), 8) === checksum(head) && content.length === size;
    if (!sound || text('type') !== '0') throw notAnArchive();
    entries.push({ name: text('name'), mode: parseInt(text('mode'), 8), content });
    at += block + size + padding(size);
  }
}

function notAnArchive(): SixhubError {
  return new SixhubError({
    code: 'backup-foreign',
    fact: 'what the backup decrypts to is no archive of a hub',
    hint: 'Is it a file that `hub backup` made? `age -d FILE | tar t` lists what is in it.',
  });
}
