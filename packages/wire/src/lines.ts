import type { Duplex } from 'node:stream';

/** Far more than any greeting or list of capabilities. */
const mostBytes = 65_536;

/** The lines that a peer sends, one at a time. Between `next` calls nothing is read, so that TLS can begin after a line. */
export class Lines {
  readonly #socket: Duplex;
  #text = '';

  constructor(socket: Duplex) {
    this.#socket = socket;
  }

  /** Without its end. Rejects where the peer closes, or never ends a line. */
  async next(): Promise<string> {
    for (;;) {
      const end = this.#text.indexOf('\n');
      if (end >= 0) {
        const line = this.#text.slice(0, end).replace(/\r$/, '');
        this.#text = this.#text.slice(end + 1);
        return line;
      }
      if (this.#text.length > mostBytes) throw new Error('what answers sends no lines');
      this.#text += await readOnce(this.#socket);
    }
  }

  /** RFC 3207 §4.2 and RFC 7672 §1.3.1: what came in the clear after the agreement would be taken for TLS's; it is none. */
  get isEmpty(): boolean {
    return this.#text === '';
  }
}

function readOnce(socket: Duplex): Promise<string> {
  return new Promise((resolve, reject) => {
    const settle = (end: () => void): void => {
      socket.off('readable', look);
      socket.off('error', fail);
      socket.off('close', close);
      socket.off('end', close);
      end();
    };
    const fail = (error: Error): void => settle(() => reject(error));
    const close = (): void => settle(() => reject(new Error('the connection was closed')));
    const look = (): void => {
      const chunk: unknown = socket.read();
      if (Buffer.isBuffer(chunk)) settle(() => resolve(chunk.toString('latin1')));
    };
    socket.on('readable', look);
    socket.on('error', fail);
    socket.on('close', close);
    socket.on('end', close);
    look();
  });
}
