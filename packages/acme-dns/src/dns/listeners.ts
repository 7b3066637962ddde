import { SixhubError } from '@sixhub/base';
import type { ListenAddress } from '../domain/listen-address.js';
import { concreteAddresses, isWildcard } from './local-addresses.js';
import { TcpListener, type TcpService } from './tcp-listener.js';
import type { UdpBatch } from './udp-batch.js';
import { UdpListener } from './udp-listener.js';
import type { UdpService } from './udp-service.js';

type Listener = UdpListener | UdpBatch | TcpListener;

export type Protocols = readonly ('udp' | 'tcp')[];

/** How often another port is tried when the system's choice for UDP is taken for TCP. */
const portAttempts = 20;

/** How soon an address that this machine got later is answered at, where a wildcard stands for all. */
const lookEveryMs = 5_000;

/** The sockets at one address, and the setting that asks for them. */
interface Place {
  readonly wanted: ListenAddress;
  readonly address: string;
  readonly sockets: readonly Listener[];
}

/** The sockets of the name server: UDP and TCP on each address, on the same port. */
export class Listeners implements AsyncDisposable {
  private places: readonly Place[] = [];
  private readonly service: UdpService & TcpService;
  private readonly protocols: Protocols;
  private timer: NodeJS.Timeout | undefined;
  private look = Promise.resolve();

  private constructor(service: UdpService & TcpService, protocols: Protocols) {
    this.service = service;
    this.protocols = protocols;
  }

  static async open(
    listen: readonly ListenAddress[],
    protocols: Protocols,
    service: UdpService & TcpService,
  ): Promise<Listeners> {
    const listeners = new Listeners(service, protocols);
    try {
      const wanted: ListenAddress[] = [];
      for (const where of listen)
        wanted.push(await listeners.cover(where, concreteAddresses(where), isTentative(where)));
      listeners.follow(wanted.filter(isWildcard));
      return listeners;
    } catch (error) {
      await listeners[Symbol.asyncDispose]();
      throw error;
    }
  }

  get addresses(): readonly ListenAddress[] {
    return this.places.flatMap(({ sockets }) => sockets[0]?.address ?? []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.timer);
    await this.look;
    const { places } = this;
    this.places = [];
    await Promise.all(places.map(close));
  }

  /**
   * Listens at these addresses that `wanted` means. Returns it with the port that the system chose, if it had the
   * choice. A fault that `later` takes leaves an address to the next look; any other is thrown.
   */
  private async cover(
    wanted: ListenAddress,
    addresses: readonly ListenAddress[],
    later: (error: unknown) => boolean,
  ): Promise<ListenAddress> {
    let { port } = wanted;
    for (const { address } of addresses) {
      try {
        const sockets = await this.openPair({ address, port });
        port = sockets[0]?.address.port ?? port;
        this.places = [...this.places, { wanted: { ...wanted, port }, address, sockets }];
      } catch (error) {
        if (!later(error)) throw error;
      }
    }
    return { ...wanted, port };
  }

  /** Addresses come and go while a machine boots and is renumbered. */
  private follow(wildcards: readonly ListenAddress[]): void {
    if (wildcards.length === 0) return;
    this.timer = setInterval(() => {
      this.look = this.look.then(async () => {
        for (const wanted of wildcards) await this.lookAgain(wanted);
      });
    }, lookEveryMs);
  }

  private async lookAgain(wanted: ListenAddress): Promise<void> {
    const here = concreteAddresses(wanted);
    const mine = this.places.filter((place) => isSame(place.wanted, wanted));
    const gone = mine.filter((place) => !here.some(({ address }) => address === place.address));
    this.places = this.places.filter((place) => !gone.includes(place));
    await Promise.all(gone.map(close));
    const missing = here.filter(({ address }) => !mine.some((place) => place.address === address));
    // Not usable yet, or taken by another program: the next look tries again.
    await this.cover(wanted, missing, () => true);
  }

  private async openPair(where: ListenAddress): Promise<readonly Listener[]> {
    for (let attempt = 1; ; attempt++) {
      const udp = this.protocols.includes('udp')
        ? await UdpListener.open(where, this.service)
        : undefined;
      if (!this.protocols.includes('tcp')) return udp === undefined ? [] : [udp];
      try {
        const tcp = await TcpListener.open(udp?.address ?? where, this.service);
        return udp === undefined ? [tcp] : [udp, tcp];
      } catch (error) {
        await udp?.[Symbol.asyncDispose]();
        if (where.port !== 0 || !isCode(error, 'port-in-use') || attempt === portAttempts)
          throw error;
      }
    }
  }
}

/** A new IPv6 address can't be used until its duplicates were looked for (RFC 4862 §5.4). */
function isTentative(wanted: ListenAddress): (error: unknown) => boolean {
  return (error) => isWildcard(wanted) && isCode(error, 'address-not-here');
}

function isSame(left: ListenAddress, right: ListenAddress): boolean {
  return left.address === right.address && left.port === right.port;
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof SixhubError && error.code === code;
}

async function close({ sockets }: Place): Promise<void> {
  await Promise.all(sockets.map((socket) => socket[Symbol.asyncDispose]()));
}
