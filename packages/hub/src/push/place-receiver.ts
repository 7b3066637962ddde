import type { RemoteResult, SshConnection } from '../ssh/connection.js';
import { shellLine } from '../ssh/shell-word.js';
import { refusedThere } from './push-error.js';

/**
 * Puts the receiver on a host by a person's login. In POSIX sh alone, and without SFTP: the hosts that this is for have a
 * busybox, or another system's tools.
 */
export class ReceiverPlacing {
  readonly #connection: Pick<SshConnection, 'run'>;
  readonly #host: string;
  #asRoot: readonly string[] = [];

  constructor(connection: Pick<SshConnection, 'run'>, host: string) {
    this.#connection = connection;
    this.#host = host;
  }

  /** Root's rights where they can be had without a question; else the user's own have to be enough. */
  async findRights(): Promise<void> {
    const { stdout } = await this.#connection.run(shellLine(['id', '-u']));
    if (stdout.trim() === '0') return;
    const { code } = await this.#connection.run(shellLine(['sudo', '-n', 'true']));
    if (code === 0) this.#asRoot = ['sudo', '-n', '--'];
  }

  /** An empty one says nothing, and is none. */
  async has(path: string): Promise<boolean> {
    return (await this.#run([...this.#asRoot, 'test', '-s', path])).code === 0;
  }

  /** Whole or not at all; its directory is made. */
  async put(path: string, mode: number, content: string): Promise<void> {
    const length = String(Buffer.byteLength(content));
    await this.#must(
      [...this.#asRoot, 'sh', '-c', putFile, 'sh', path, mode.toString(8), length],
      content,
    );
  }

  /** As the user who logged in, who is the one that the hub logs in as. True where it was not there. */
  async authorize(line: string): Promise<boolean> {
    const { stdout } = await this.#must(['sh', '-c', addLine, 'sh', line]);
    return stdout.includes('added');
  }

  async #must(words: readonly string[], input = ''): Promise<RemoteResult> {
    const result = await this.#run(words, input);
    if (result.code === 0) return result;
    throw refusedThere(this.#host, result.stderr.trim() || `exit ${result.code ?? 'by a signal'}`);
  }

  #run(words: readonly string[], input?: string): Promise<RemoteResult> {
    return this.#connection.run(shellLine(words), input);
  }
}

/** A connection that breaks ends the standard input there, too: what came is counted. */
const putFile = `set -e
umask 022
mkdir -p "\${1%/*}"
cat > "$1.sixhub-new"
if [ "$(wc -c < "$1.sixhub-new")" -ne "$3" ]; then
  rm -f "$1.sixhub-new"
  echo "not all of $1 has come: the connection broke off, or the disk is full" >&2
  exit 1
fi
chmod "$2" "$1.sixhub-new"
mv -f "$1.sixhub-new" "$1"`;

/** sshd takes a file of keys only where nobody else may write it. A last line without its end is not grown. */
const addLine = `set -e
umask 077
cd
mkdir -p .ssh
touch .ssh/authorized_keys
if grep -qxF "$1" .ssh/authorized_keys; then exit 0; fi
if [ -s .ssh/authorized_keys ] && [ -n "$(tail -c 1 .ssh/authorized_keys)" ]; then echo >> .ssh/authorized_keys; fi
printf "%s" "$1" >> .ssh/authorized_keys
echo >> .ssh/authorized_keys
echo added`;
