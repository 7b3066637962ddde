import { Answering } from './answering.js';
import type { Answers } from './answers.js';
import { dnsClass, opcode, rcode, recordType } from './codes.js';
import { noCookies, type Cookies } from './cookies.js';
import { Query } from './query.js';
import { ownPayload, Reply } from './reply.js';

export type Transport = 'udp' | 'tcp';

/** What came of a query, for the counters. */
export type Outcome = 'answered' | 'nodata' | 'nxdomain' | 'refused' | 'malformed' | 'other';

/** An extended error (RFC 8914 §4.21), so that whoever delegated wrongly reads why. */
const notAuthoritative = Uint8Array.of(0, 15, 0, 2, 0, 20);

/** RFC 1035 §4.2.1: what UDP carries where the client says nothing else. */
const leastPayload = 512;

/**
 * One message in, one message out, without I/O: the answers of RFC 1034 §4.3.2 for one zone, and for everything else
 * the refusal that RFC 8906 asks for. Silence is only for what is no query.
 */
export class Responder {
  /** Of the last message. */
  outcome: Outcome = 'other';
  /** The last message proved by its cookie that its sender is where it says (RFC 7873 §5.2.3). */
  provenAddress = false;
  private transport: Transport = 'udp';
  private readonly query = new Query();
  private readonly reply = new Reply();
  private readonly answering: Answering;
  private readonly answers: Answers;
  private readonly cookies: Cookies;

  constructor(answers: Answers, cookies: Cookies = noCookies) {
    this.answers = answers;
    this.cookies = cookies;
    this.answering = new Answering(answers, this.query, this.reply);
  }

  /** Writes the reply into `out`, which holds 65535 octets, and returns its length: 0 for silence. */
  respond(
    message: Uint8Array,
    length: number,
    out: Uint8Array,
    transport: Transport,
    address: string,
  ): number {
    const { query, reply } = this;
    this.outcome = 'malformed';
    this.provenAddress = false;
    this.transport = transport;
    const reading = query.read(message, length);
    if (reading === 'silence') return 0;
    reply.begin(query, out, this.limit(transport), this.answers.zone.apex.wire.length);
    if (reading !== 'sound') {
      query.hasEdns = false; // what is malformed may be the OPT record itself
      const known =
        query.opcode === opcode.query ||
        query.opcode === opcode.notify ||
        query.opcode === opcode.update;
      return reply.finish(query, known ? rcode.formErr : rcode.notImp);
    }
    if (!query.hasEdns) return reply.finish(query, this.decide());
    if (query.ednsVersion > 0) {
      this.outcome = 'other';
      return reply.finish(query, rcode.badVers);
    }
    if (query.cookieAt === 0) return reply.finish(query, this.decide());
    return this.withCookie(address);
  }

  /** The truncated form of the last reply, which sends an honest client to TCP. */
  slip(): number {
    this.reply.truncated = true;
    return this.reply.finish(this.query, rcode.noError);
  }

  private withCookie(address: string): number {
    const { query, reply } = this;
    const cookie = this.cookies.check(query, address);
    if (cookie.kind === 'malformed') {
      return reply.finish(query, rcode.formErr);
    }
    this.provenAddress = cookie.kind === 'valid';
    reply.option(cookie.option);
    return reply.finish(query, this.decide());
  }

  private limit(transport: Transport): number {
    if (transport === 'tcp') return 65_535;
    const { query } = this;
    // RFC 6891 §6.2.3: a payload below 512 means 512.
    return query.hasEdns
      ? Math.max(leastPayload, Math.min(query.ednsPayload, ownPayload))
      : leastPayload;
  }

  private decide(): number {
    const { query } = this;
    this.outcome = 'other';
    // Transfers by notification and dynamic updates exist, but nobody may send them here (as Knot without ACL).
    if (query.opcode === opcode.notify || query.opcode === opcode.update) return rcode.notAuth;
    if (query.opcode !== opcode.query) return rcode.notImp;
    if (query.signatureAt !== 0) {
      this.reply.unsigned(query);
      return rcode.notAuth;
    }
    if (query.class !== dnsClass.in && query.class !== dnsClass.any) return this.refuse();
    // Type 0 is reserved and asks for nothing (RFC 6895 §3.1); Knot says so, too.
    if (query.type === 0) return rcode.notImp;
    if (query.type === recordType.IXFR) return rcode.notAuth;
    // RFC 5936 §4.2: over UDP there is no such thing as AXFR.
    if (query.type === recordType.AXFR)
      return this.transport === 'udp' ? rcode.notImp : rcode.notAuth;
    const found = this.answering.answer();
    this.outcome = found;
    if (found === 'refused') return this.refuse();
    return found === 'nxdomain' ? rcode.nxDomain : rcode.noError;
  }

  private refuse(): number {
    this.outcome = 'refused';
    this.reply.option(notAuthoritative);
    return rcode.refused;
  }
}
