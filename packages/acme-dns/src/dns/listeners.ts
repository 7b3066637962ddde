import { SixhubError } from '@sixhub/base';
import type { ListenAddress } from '../domain/listen-address.js';
import { concreteAddresses } from './local-addresses.js';
import { TcpListener, type TcpService } from './tcp-listener.js';
import type { UdpBatch } from './udp-batch.js';
import { UdpListener } from './udp-listener.js';
import type { UdpService } from './udp-service.js';

type Listener = UdpListener | UdpBatch | TcpListener;

export type Protocols = readonly ('udp' | 'tcp')[];

/** How often another port is tried when the system's choice for UDP is taken for TCP. */
const portAttempts = 20;

/** The sockets of the name server: UDP and TCP on each address, on the same port. */
export class Listeners implements AsyncDisposable {
  private readonly open: Listener[] = [];
  private readonly service: UdpService & TcpService;

  private constructor(service: UdpService & TcpService) {
    this.service = service;
  }

  static async open(
    listen: readonly ListenAddress[],
    protocols: Protocols,
    service: UdpService & TcpService,
  ): Promise<Listeners> {
    const listeners = new Listeners(service);
    try {
      for (const where of listen) await listeners.add(where, protocols);
      return listeners;
    } catch (error) {
      await listeners[Symbol.asyncDispose]();
      throw error;
    }
  }

  get addresses(): readonly ListenAddress[] {
    const seen = new Map(this.open.map(({ address }) => [JSON.stringify(address), address]));
    return [...seen.values()];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.open.splice(0).map((listener) => listener[Symbol.asyncDispose]()));
  }

  private async add(where: ListenAddress, protocols: Protocols): Promise<void> {
    let { port } = where;
    for (const concrete of concreteAddresses(where)) {
      const pair = await this.openPair({ address: concrete.address, port }, protocols);
      this.open.push(...pair);
      port = pair[0]?.address.port ?? port;
    }
  }

  private async openPair(where: ListenAddress, protocols: Protocols): Promise<readonly Listener[]> {
    for (let attempt = 1; ; attempt++) {
      const udp = protocols.includes('udp')
        ? await UdpListener.open(where, this.service)
        : undefined;
      if (!protocols.includes('tcp')) return udp === undefined ? [] : [udp];
      try {
        const tcp = await TcpListener.open(udp?.address ?? where, this.service);
        return udp === undefined ? [tcp] : [udp, tcp];
      } catch (error) {
        await udp?.[Symbol.asyncDispose]();
        const taken = error instanceof SixhubError && error.code === 'port-in-use';
        if (where.port !== 0 || !taken || attempt === portAttempts) throw error;
      }
    }
  }
}
