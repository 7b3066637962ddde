import dgram from 'node:dgram';
import { once } from 'node:events';
import { edns, message as makeQuery } from '@sixhub/acme-dns/test-wire';
import { mutate, type Dice } from './mutate.js';

/** At once under way: fewer than the receive buffers hold, so that none is lost on this machine. */
const inFlight = 128;
const patienceMs = 2_000;

function seedsOf(zone: string, account: string): readonly Buffer[] {
  const option = [0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8];
  return [
    makeQuery({ name: account, type: 16 }),
    makeQuery({ name: account, type: 255, additional: [edns({ data: option })] }),
    makeQuery({ name: zone, type: 6, additional: [edns({ flags: 0x8000, payload: 4_096 })] }),
    makeQuery({ name: `alias.${zone}`, type: 1 }),
    makeQuery({ name: `x.cut.${zone}`, type: 28 }),
    makeQuery({ name: `nobody.${zone}`, type: 257, opcode: 4 }),
    makeQuery({ name: 'elsewhere.example', type: 2, additional: [edns({ version: 1 })] }),
  ];
}

export interface DnsFuzz {
  readonly address: string;
  readonly port: number;
  readonly zone: string;
  /** A name that has values. */
  readonly account: string;
  readonly messages: number;
  readonly dice: Dice;
}

/** What was asked under an id, and must be answered by. */
interface Asked {
  readonly message: Buffer;
  readonly at: number;
}

/**
 * Sends mutated queries and holds each answer against RFC 8906: whatever has a header and is no answer itself is
 * answered, with its id and opcode, within what UDP carries; nothing else is. Throws with the message that broke it.
 */
export async function fuzzDns(fuzz: DnsFuzz): Promise<{ answered: number; silent: number }> {
  const { dice, messages } = fuzz;
  const seeds = seedsOf(fuzz.zone, fuzz.account);
  const socket = dgram.createSocket({ type: 'udp4', recvBufferSize: 4 * 1_048_576 });
  const asked = new Map<number, Asked>();
  const counts = { answered: 0, silent: 0 };
  let broken: Error | undefined;
  socket.on('message', (reply) => {
    const id = reply.length >= 12 ? reply.readUInt16BE(0) : -1;
    const query = asked.get(id)?.message;
    const fault = query === undefined ? 'nobody asked for it' : faultOf(query, reply);
    if (fault !== undefined)
      broken = new Error(`${fault}: ${query?.toString('hex') ?? ''} -> ${reply.toString('hex')}`);
    asked.delete(id);
    counts.answered++;
  });
  socket.connect(fuzz.port, fuzz.address);
  await once(socket, 'connect');
  try {
    for (let sent = 0; sent < messages && broken === undefined; sent++) {
      const message = mutate(dice.pick(seeds), dice);
      const id = sent & 0xffff;
      if (message.length >= 2) message.writeUInt16BE(id);
      if (message.length >= 12 && message.readUInt8(2) < 0x80)
        asked.set(id, { message, at: performance.now() });
      else counts.silent++;
      socket.send(message);
      while (asked.size >= inFlight) await room(asked);
    }
    while (asked.size > 0 && broken === undefined) await room(asked);
  } finally {
    socket.close();
  }
  if (broken !== undefined) throw broken;
  return counts;
}

/** Lets answers come in; throws for a query that has waited too long. */
async function room(asked: ReadonlyMap<number, Asked>): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  for (const { message, at } of asked.values()) {
    if (performance.now() - at > patienceMs)
      throw new Error(`not answered within ${patienceMs / 1_000} s: ${message.toString('hex')}`);
    return; // the oldest comes first
  }
}

function faultOf(query: Buffer, reply: Buffer): string | undefined {
  const [asked, told] = [query.readUInt8(2), reply.readUInt8(2)];
  if (told < 0x80) return 'the answer is no answer';
  if ((asked & 0x78) !== (told & 0x78)) return 'the answer has another opcode';
  if (reply.length > 1_232) return 'the answer is longer than UDP carries';
  return undefined;
}
