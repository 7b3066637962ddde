import type { Answers } from './answers.js';
import { encodeBlock } from './block.js';
import { recordType } from './codes.js';
import { DomainName } from './domain-name.js';
import { nameHash } from './name-table.js';
import { unpackTexts, type PackedTexts } from './packed-texts.js';
import type { Query } from './query.js';
import type { Reply } from './reply.js';
import type { RecordSet, StaticNode, Zone } from './zone.js';

export type Found = 'answered' | 'nodata' | 'nxdomain' | 'refused';

/** Values change from one order to the next, so nobody should keep them (the Go program's value). */
const valueTtl = 1;

/** How many CNAMEs of the zone one answer follows. */
const longestChain = 8;

/** RRSIG and NSEC belong to the name of a CNAME itself, so asking for them does not follow it (RFC 4035 §2.5). */
const besideAlias: ReadonlySet<number> = new Set([46, 47]);

/** The search of RFC 1034 §4.3.2 in one zone; the common case, an account's name, is one look-up. */
export class Answering {
  private readonly answers: Answers;
  private readonly query: Query;
  private readonly reply: Reply;

  constructor(answers: Answers, query: Query, reply: Reply) {
    this.answers = answers;
    this.query = query;
    this.reply = reply;
  }

  answer(): Found {
    const { query, reply, answers } = this;
    const { zone } = answers;
    const apexAt = query.nameEnd - zone.apex.wire.length;
    if (!this.isInZone(zone, apexAt)) return 'refused';
    if (zone.hasCuts && this.refer(zone)) return 'answered';
    reply.authoritative = true;
    const hash = nameHash(query.bytes, 12, apexAt);
    const values = answers.findAccount(query.bytes, 12, apexAt, hash);
    if (values !== undefined) return this.account(values);
    const node = zone.find(query.bytes, 12, apexAt, hash) ?? this.wildcard(zone);
    if (node !== undefined) return this.static(node);
    reply.block(answers.soa, 'authority');
    return 'nxdomain';
  }

  /** Labels count from the right, so that an octet inside a label can't pass for the zone's name. */
  private isInZone(zone: Zone, apexAt: number): boolean {
    const { query } = this;
    const first = query.labels - zone.apexLabels;
    if (first < 0 || (first < query.labels && query.labelStarts[first] !== apexAt)) return false;
    const { bytes } = query;
    const key = zone.apex.key;
    for (let at = 0; at < key.length; at++) {
      const byte = bytes[apexAt + at] ?? 0;
      if ((byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte) !== key[at]) return false;
    }
    return true;
  }

  private account(values: PackedTexts): Found {
    const { query, reply } = this;
    const wanted = query.type === recordType.TXT || query.type === recordType.ANY;
    if (!wanted || values.length === 0) return this.noData();
    for (let at = 0; at < values.length; at += 1 + values.charCodeAt(at))
      reply.text(values, at + 1, values.charCodeAt(at), valueTtl);
    return 'answered';
  }

  private noData(): Found {
    this.reply.block(this.answers.soa, 'authority');
    return 'nodata';
  }

  private static(node: StaticNode): Found {
    const { query, reply, answers } = this;
    const atApex = node === answers.zone.apexNode;
    if (atApex && (query.type === recordType.SOA || query.type === recordType.ANY)) {
      reply.block(answers.soa, 'answer'); // for ANY, one set is enough (RFC 8482 §4.1)
      return 'answered';
    }
    const set = node.sets.find(
      ({ type }) =>
        type === query.type ||
        (type === recordType.CNAME && !besideAlias.has(query.type)) ||
        query.type === recordType.ANY,
    );
    if (set === undefined) return this.noData();
    reply.block(set.asked, 'answer');
    if (set.type === recordType.CNAME && query.type !== set.type && query.type !== recordType.ANY)
      return this.follow(set);
    this.addresses(set);
    return 'answered';
  }

  /** A CNAME whose target is in the zone, too, is answered to its end; its rcode is the end's (RFC 6604 §3). */
  private follow(first: RecordSet): Found {
    const { query, reply, answers } = this;
    let target = aliasTarget(first);
    for (let step = 0; step < longestChain; step++) {
      if (target === undefined || !target.isAtOrBelow(answers.zone.apex)) return 'answered';
      const values = answers.accountAt(target);
      if (values !== undefined) return this.accountElsewhere(target, values);
      const node = answers.zone.node(target);
      if (node === undefined) {
        reply.block(answers.soa, 'authority');
        return 'nxdomain';
      }
      if (node === answers.zone.apexNode && query.type === recordType.SOA) {
        reply.block(answers.soa, 'answer');
        return 'answered';
      }
      const set = node.sets.find(({ type }) => type === query.type || type === recordType.CNAME);
      if (set === undefined) return this.noData();
      reply.block(set.own, 'answer');
      if (set.type === query.type) return 'answered';
      target = aliasTarget(set);
    }
    return 'answered';
  }

  private accountElsewhere(owner: DomainName, values: PackedTexts): Found {
    if (this.query.type !== recordType.TXT || values.length === 0) return this.noData();
    const records = unpackTexts(values).map((value) => ({
      owner,
      type: recordType.TXT,
      ttl: valueTtl,
      rdata: [Uint8Array.from([value.length, ...value].map(octet))],
    }));
    this.reply.block(encodeBlock(records, this.answers.zone.apex, 'own'), 'answer');
    return 'answered';
  }

  private addresses(set: RecordSet): void {
    for (const target of set.targets) {
      if (!target.isAtOrBelow(this.answers.zone.apex)) continue;
      for (const found of this.answers.zone.node(target)?.sets ?? []) {
        if (found.type === recordType.A || found.type === recordType.AAAA)
          this.reply.block(found.own, 'additional');
      }
    }
  }

  /** The nearest existing name above stands in for what is not there, by its `*` (RFC 4592 §3.3.1). */
  private wildcard(zone: Zone): StaticNode | undefined {
    if (!zone.hasWildcards) return undefined;
    for (
      let name = this.queriedName().parent();
      name.isAtOrBelow(zone.apex);
      name = name.parent()
    ) {
      if (this.answers.accountAt(name) !== undefined) return undefined;
      if (zone.node(name) === undefined) continue;
      return zone.node(DomainName.ofWire(Uint8Array.of(1, 0x2a, ...name.wire)));
    }
    return undefined;
  }

  /** Below a zone cut somebody else answers: NS and glue, without authority (RFC 1034 §4.3.2 3b). */
  private refer(zone: Zone): boolean {
    const name = this.queriedName();
    for (const at of name.labelOffsets().toReversed()) {
      const above = DomainName.ofWire(name.wire.slice(at));
      if (!above.isAtOrBelow(zone.apex) || above.equals(zone.apex)) continue;
      const cut = zone.node(above)?.sets.find(({ type }) => type === recordType.NS);
      if (cut === undefined) continue;
      if (at === 0 && this.query.type === recordType.DS) return false; // the parent's own (RFC 4035 §3.1.4.1)
      this.reply.block(cut.own, 'authority');
      this.addresses(cut);
      return true;
    }
    return false;
  }

  private queriedName(): DomainName {
    return DomainName.ofWire(this.query.bytes.slice(12, this.query.nameEnd));
  }
}

function aliasTarget(set: RecordSet): DomainName | undefined {
  const target = set.records[0]?.rdata[0];
  return target instanceof DomainName ? target : undefined;
}

function octet(part: number | string): number {
  return typeof part === 'number' ? part : part.charCodeAt(0);
}
