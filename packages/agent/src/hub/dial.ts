import { lookup } from 'node:dns/promises';
import { connect, isIPv6, type Socket } from 'node:net';

/**
 * Connects to the first of a hub's addresses that takes the connection, as RFC 8305 ("Happy Eyeballs") has it: IPv6
 * first, the next after a quarter of a second, at once where one fails, and none is given up before one is through.
 * Node's own `autoSelectFamily` is off in Node 18, and in Node 20 ends each try after that quarter of a second, so that
 * a path that takes longer is never taken.
 */

/** An address of a hub. */
export interface Place {
  /** As it was given: `https://host:port`. */
  readonly hub: string;
  readonly address: string;
  readonly port: number;
}

export interface Dialled {
  readonly place: Place;
  readonly socket: Socket;
}

export interface Failure {
  readonly hub: string;
  /** None where the name could not be looked up. */
  readonly address?: string;
  readonly error: unknown;
}

/** Nobody took the connection. */
export class NotReached extends Error {
  readonly failures: readonly Failure[];

  constructor(failures: readonly Failure[]) {
    super('no address took the connection');
    this.failures = failures;
  }
}

/** RFC 8305 §5: Connection Attempt Delay. */
const nextAfterMs = 250;
/** Two lost SYN, which the kernel sends again after one second and after three. */
const withinMs = 8_000;

/** `avoid`: failed already, for another reason. */
export function dial(
  hubs: readonly string[],
  avoid: readonly Failure[],
  signal: AbortSignal,
): Promise<Dialled> {
  return new Promise((resolve, reject) => {
    const race = new Race(hubs, avoid, resolve, reject);
    race.begin(signal);
  });
}

class Race {
  readonly #hubs: readonly string[];
  readonly #avoid: readonly Failure[];
  readonly #resolve: (dialled: Dialled) => void;
  readonly #reject: (error: unknown) => void;
  readonly #failures: Failure[] = [];
  readonly #tries = new Map<Socket, Place>();
  /** What is known and not tried yet, a hub after the other. */
  readonly #places: Place[][];
  /** Whose names are being looked up. */
  readonly #lookups: Set<string>;
  #next: NodeJS.Timeout | undefined;
  #release: () => void = () => undefined;
  #isOver = false;

  constructor(
    hubs: readonly string[],
    avoid: readonly Failure[],
    resolve: (dialled: Dialled) => void,
    reject: (error: unknown) => void,
  ) {
    [this.#hubs, this.#avoid, this.#resolve, this.#reject] = [hubs, avoid, resolve, reject];
    this.#places = hubs.map(() => []);
    this.#lookups = new Set(hubs);
  }

  begin(signal: AbortSignal): void {
    const onAbort = (): void => this.#fail(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    const deadline = setTimeout(() => this.#timeOut(), withinMs);
    this.#release = () => {
      signal.removeEventListener('abort', onAbort);
      clearTimeout(deadline);
      clearTimeout(this.#next);
    };
    if (signal.aborted) return onAbort();
    // The first hub's name may need a moment, in which a later hub's address, known at once, does not overtake it.
    this.#next = setTimeout(() => this.#step(), nextAfterMs);
    for (const at of this.#hubs.keys()) void this.#lookUp(at);
  }

  async #lookUp(at: number): Promise<void> {
    const hub = this.#hubs[at] ?? '';
    try {
      const found = await placesOf(hub);
      const isFresh = ({ address }: Place): boolean =>
        !this.#avoid.some((failed) => failed.hub === hub && failed.address === address);
      this.#places[at] = found.filter(isFresh);
    } catch (error) {
      this.#failures.push({ hub, error });
    }
    this.#lookups.delete(hub);
    if (at === 0 || this.#next === undefined) this.#step();
  }

  /** Tries the next place; where there is none, what is on its way decides. */
  #step(): void {
    if (this.#isOver) return;
    clearTimeout(this.#next);
    this.#next = undefined;
    const place = this.#places.find((places) => places.length > 0)?.shift();
    if (place !== undefined) {
      this.#try(place);
      this.#next = setTimeout(() => this.#step(), nextAfterMs);
    } else if (this.#lookups.size === 0 && this.#tries.size === 0) {
      this.#fail(new NotReached(this.#failures));
    }
  }

  #try(place: Place): void {
    const socket = connect({ host: place.address, port: place.port, noDelay: true });
    this.#tries.set(socket, place);
    const onError = (error: Error): void => {
      this.#tries.delete(socket);
      this.#failures.push({ ...place, error });
      this.#step();
    };
    socket.once('error', onError);
    socket.once('connect', () => {
      socket.off('error', onError);
      this.#tries.delete(socket);
      this.#over();
      this.#resolve({ place, socket });
    });
  }

  #timeOut(): void {
    const error = Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' });
    const silent = [...this.#tries.values()].map((place) => ({ ...place, error }));
    const unanswered = Object.assign(new Error('the resolver says nothing'), { code: 'EAI_AGAIN' });
    const unknown = [...this.#lookups].map((hub) => ({ hub, error: unanswered }));
    this.#fail(new NotReached([...this.#failures, ...silent, ...unknown]));
  }

  #fail(reason: unknown): void {
    if (this.#isOver) return;
    this.#over();
    this.#reject(reason);
  }

  #over(): void {
    this.#isOver = true;
    this.#release();
    for (const socket of this.#tries.keys()) {
      socket.removeAllListeners().on('error', () => undefined); // it has lost, whatever it says
      socket.destroy();
    }
  }
}

async function placesOf(hub: string): Promise<Place[]> {
  const { hostname, port } = new URL(hub);
  const found = await lookup(hostname.replace(/^\[|\]$/g, ''), { all: true, verbatim: true });
  return inTurns(found.map(({ address }) => address)).map((address) => ({
    ...{ hub, address },
    port: port === '' ? 443 : Number(port),
  }));
}

/** RFC 8305 §4: the families by turns, IPv6 first, each in the resolver's order (RFC 6724). */
function inTurns(addresses: readonly string[]): readonly string[] {
  const six = addresses.filter((address) => isIPv6(address));
  const four = addresses.filter((address) => !isIPv6(address));
  const turns = Array.from({ length: Math.max(six.length, four.length) }, (_, at) => [
    ...six.slice(at, at + 1),
    ...four.slice(at, at + 1),
  ]);
  return turns.flat();
}
