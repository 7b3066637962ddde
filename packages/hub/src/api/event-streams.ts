import type { ServerResponse } from 'node:http';
import { errorText } from '@sixhub/base';
import type { Log } from '../ports.js';
import type { EventStore, HubEvent } from '../store/events.js';

export interface StreamWish {
  readonly actor: string;
  /** Undefined: from now on. */
  readonly after: number | undefined;
  readonly kind: string | undefined;
  readonly object: string | undefined;
}

interface Stream {
  readonly wish: StreamWish;
  readonly response: ServerResponse;
  last: number;
  quietSince: number;
}

const lookEveryMs = 250;
const heartbeatMs = 15_000;
/** In one look for one stream; the rest follows when these have left. */
const batch = 500;
/** Who has so much unread is cut off: it comes back with Last-Event-ID, and nothing piles up here. */
const longestUnread = 262_144;
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
    const stream = { wish, response, last: Math.min(after, last), quietSince: Date.now() };
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
    const { response } = stream;
    if (response.writableLength > longestUnread) {
      this.#log.warn({ actor: stream.wish.actor }, 'a reader of events is too slow and is cut off');
      response.destroy();
      return this.#end(stream);
    }
    // What was written before has to leave first: a reader that resumes far back is fed at its own pace.
    if (stream.last < last && response.writableLength === 0) {
      const events = await this.#store.after(stream.last, batch);
      const text = events
        .filter((event) => isWanted(event, stream.wish))
        .map(asText)
        .join('');
      stream.last = events.at(-1)?.seq ?? stream.last;
      if (text !== '') {
        response.write(text);
        stream.quietSince = Date.now();
      }
    }
    if (Date.now() - stream.quietSince < heartbeatMs) return;
    response.write(`: ${stream.last}\n\n`);
    stream.quietSince = Date.now();
  }
}

function isWanted(event: HubEvent, { kind, object }: StreamWish): boolean {
  if (object !== undefined && event.object !== object) return false;
  return kind === undefined || event.kind === kind || event.kind.startsWith(`${kind}.`);
}

function asText({ seq, at, kind, object, detail }: HubEvent): string {
  const data = JSON.stringify({ at, kind, object, detail: JSON.parse(detail) as unknown });
  return `id: ${seq}\nevent: ${kind}\ndata: ${data}\n\n`;
}
