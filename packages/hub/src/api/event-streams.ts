import type { ServerResponse } from 'node:http';
import { errorText } from '@sixhub/base';
import type { Log } from '../ports.js';
import type { EventFilter, EventStore, HubEvent } from '../store/events.js';

export interface StreamWish extends EventFilter {
  readonly actor: string;
  /** Undefined: from now on. */
  readonly after: number | undefined;
}

interface Stream {
  readonly wish: StreamWish;
  readonly response: ServerResponse;
  last: number;
  /** When it was written to last. */
  writtenAt: number;
}

const lookEveryMs = 250;
const heartbeatMs = 15_000;
/** The next follow when these have left, so that a reader that stopped reading holds so many and no more. */
const batch = 200;
/** Who has not taken what was written by then is cut off: it comes back with Last-Event-ID. */
const patienceMs = 20_000;
const streamsOfOne = 8;
const streamsOfAll = 128;

/**
 * Followers of events. One look at the newest number serves all of them; what each has not seen is read from the store,
 * so that nothing is kept for a reader but its place.
 */
export class EventStreams {
  readonly #store: EventStore;
  readonly #log: Log;
  readonly #streams = new Set<Stream>();
  #timer: NodeJS.Timeout | undefined;
  #looking = false;

  constructor(store: EventStore, log: Log) {
    this.#store = store;
    this.#log = log;
  }

  mayOpen(actor: string): boolean {
    const same = [...this.#streams].filter(({ wish }) => wish.actor === actor);
    return this.#streams.size < streamsOfAll && same.length < streamsOfOne;
  }

  async open(response: ServerResponse, wish: StreamWish): Promise<void> {
    const { first, last } = await this.#store.bounds();
    response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      'X-Accel-Buffering': 'no', // nginx would wait for more
    });
    const after = wish.after ?? last;
    const stream = { wish, response, last: Math.min(after, last), writtenAt: Date.now() };
    response.write(`retry: 2000\n\n`);
    // Some after that one are gone; or it is of another database, as before a restore.
    if (after > last || after + 1 < first) {
      response.write(
        `id: ${stream.last}\nevent: gap\ndata: ${JSON.stringify({ first, last })}\n\n`,
      );
    }
    this.#streams.add(stream);
    response.on('close', () => this.#end(stream));
    response.on('error', () => this.#end(stream));
    this.#timer ??= setInterval(() => void this.#look(), lookEveryMs).unref();
  }

  close(): void {
    for (const stream of this.#streams) {
      stream.response.end();
      this.#end(stream);
    }
  }

  #end(stream: Stream): void {
    this.#streams.delete(stream);
    if (this.#streams.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      const { last } = await this.#store.bounds();
      for (const stream of this.#streams) await this.#serve(stream, last);
    } catch (error) {
      this.#log.error({ error: errorText(error) }, 'the events could not be read');
    } finally {
      this.#looking = false;
    }
  }

  async #serve(stream: Stream, last: number): Promise<void> {
    const { response, wish } = stream;
    const quietMs = Date.now() - stream.writtenAt;
    if (response.writableLength > 0) {
      if (quietMs < patienceMs) return;
      this.#log.warn({ actor: wish.actor }, 'a reader of events is too slow and is cut off');
      response.destroy();
      return this.#end(stream);
    }
    if (stream.last >= last) {
      if (quietMs >= heartbeatMs) this.#write(stream, `: ${stream.last}\n\n`);
      return;
    }
    const events = await this.#store.after(stream.last, wish, batch);
    stream.last = events.length < batch ? Math.max(last, lastOf(events)) : lastOf(events);
    if (events.length > 0) this.#write(stream, events.map(asText).join(''));
  }

  #write(stream: Stream, text: string): void {
    stream.writtenAt = Date.now();
    if (stream.response.write(text)) return;
    stream.response.once('drain', () => void this.#look()); // it may be far behind
  }
}

function lastOf(events: readonly HubEvent[]): number {
  return events.at(-1)?.seq ?? 0;
}

function asText({ seq, at, kind, object, detail }: HubEvent): string {
  const data = JSON.stringify({ at, kind, object, detail: JSON.parse(detail) as unknown });
  return `id: ${seq}\nevent: ${kind}\ndata: ${data}\n\n`;
}
