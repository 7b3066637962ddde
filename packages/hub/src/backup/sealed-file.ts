import { ReadableStream } from 'node:stream/web';
import { exitCodes, SixhubError } from '@sixhub/base';
import { Decrypter, Encrypter } from 'age-encryption';

/**
 * The outside of a backup: a file of the age format (https://age-encryption.org/v1), which the program `age` opens as
 * well. Its payload is authenticated in pieces of 64 KiB whose last is marked, so that neither a changed nor a cut file
 * opens to its end.
 */
export type Lock =
  | { readonly kind: 'passphrase'; readonly passphrase: string }
  /** Public keys, `age1…`; whoever has the private key of one opens it. */
  | { readonly kind: 'recipients'; readonly recipients: readonly string[] };

export type Key =
  | { readonly kind: 'passphrase'; readonly passphrase: string }
  /** Private keys, `AGE-SECRET-KEY-1…`. */
  | { readonly kind: 'identities'; readonly identities: readonly string[] };

export async function* seal(lock: Lock, plain: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* await encrypterFor(lock).encrypt(webStream(plain));
}

/** Throws where something else than public keys was given as such. */
export function checkLock(lock: Lock): void {
  encrypterFor(lock);
}

function encrypterFor(lock: Lock): Encrypter {
  const encrypter = new Encrypter();
  if (lock.kind === 'passphrase') encrypter.setPassphrase(lock.passphrase);
  else for (const recipient of lock.recipients) addRecipient(encrypter, recipient);
  return encrypter;
}

function addRecipient(encrypter: Encrypter, recipient: string): void {
  try {
    encrypter.addRecipient(recipient);
  } catch {
    throw new SixhubError({
      code: 'bad-recipient',
      fact: `'${recipient}' is no public key of age`,
      hint: 'It begins with age1 and is the "Public key" that `age-keygen` prints.',
      exit: exitCodes.usage,
    });
  }
}

/** What opens the file, as its first lines tell (age specification, "Header"). */
export function lockOf(sealed: Buffer): Lock['kind'] {
  const [version, stanza] = sealed.toString('latin1', 0, 200).split('\n');
  if (version !== 'age-encryption.org/v1') {
    throw new SixhubError({
      code: 'backup-foreign',
      fact: 'this is no backup: it does not begin as a file of the age format does',
      hint: 'Name the file that `hub backup` wrote.',
    });
  }
  return stanza?.startsWith('-> scrypt ') === true ? 'passphrase' : 'recipients';
}

/** All of it, or an error: nothing of a file that is damaged anywhere is ever used. */
export async function unseal(key: Key, sealed: Buffer): Promise<Buffer> {
  const decrypter = new Decrypter();
  if (key.kind === 'passphrase') decrypter.addPassphrase(key.passphrase);
  else for (const identity of key.identities) addIdentity(decrypter, identity);
  try {
    return Buffer.from(await decrypter.decrypt(sealed));
  } catch (cause) {
    throw fault(key, cause);
  }
}

function addIdentity(decrypter: Decrypter, identity: string): void {
  try {
    decrypter.addIdentity(identity);
  } catch {
    throw new SixhubError({
      code: 'bad-identity',
      fact: 'the file of --identity has a line that is no private key of age',
      hint: 'It holds lines that begin with AGE-SECRET-KEY-1, as `age-keygen -o FILE` writes them.',
      exit: exitCodes.usage,
    });
  }
}

function fault(key: Key, cause: unknown): SixhubError {
  const noneFits =
    cause instanceof Error && cause.message === "no identity matched any of the file's recipients";
  if (!noneFits) {
    return new SixhubError({
      code: 'backup-damaged',
      fact: 'the backup is damaged: it was changed or cut after it was made',
      hint: 'Take another copy of it, or an older backup. Nothing was written.',
      cause,
    });
  }
  return key.kind === 'passphrase'
    ? new SixhubError({
        code: 'wrong-passphrase',
        fact: 'the backup does not open with this passphrase',
        hint: 'Nothing was written. Try again (in a file, the passphrase is the first line), or another copy: damage to its head looks the same.',
        cause,
      })
    : new SixhubError({
        code: 'wrong-identity',
        fact: 'the backup was encrypted to other keys than those of --identity',
        hint: 'Nothing was written. Name the file with the private key of one that it was encrypted to.',
        cause,
      });
}

/** In pieces of a size that no step has to keep twice. */
function webStream(chunks: Iterable<Uint8Array>): ReadableStream<Uint8Array> {
  const pieces = cut(chunks);
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      const next = pieces.next();
      if (next.done === true) controller.close();
      else controller.enqueue(next.value);
    },
  });
}

const pieceBytes = 1_048_576;

function* cut(chunks: Iterable<Uint8Array>): Generator<Uint8Array> {
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += pieceBytes) yield chunk.subarray(at, at + pieceBytes);
  }
}
