import { encodeBlock, type Block } from './block.js';
import { recordType } from './codes.js';
import { DomainName } from './domain-name.js';
import { NameTable } from './name-table.js';
import { octets, parseRecord, type ZoneRecord } from './zone-record.js';

/** What an operator says about the zone. */
export interface ZoneDescription {
  readonly domain: string;
  readonly nameServer: string;
  /** Mail address of who is responsible, as `a@b` or as a domain name. */
  readonly admin: string;
  readonly records: readonly string[];
}

/** A setting of the zone that can't be used; `line` counts from 1 and is there for a record. */
export interface ZoneFault {
  readonly setting: 'domain' | 'nsname' | 'nsadmin' | 'records';
  readonly line?: number;
  readonly text: string;
  readonly reason: string;
}

/** All records of one name and type. */
export interface RecordSet {
  readonly type: number;
  readonly records: readonly ZoneRecord[];
  /** Ready for the answer to a query for this very name, and for any other place. */
  readonly asked: Block;
  readonly own: Block;
  /** Names whose addresses a resolver will want next. */
  readonly targets: readonly DomainName[];
}

/** A name of the zone with its records; without any it only has names below it (an empty non-terminal, RFC 8020). */
export interface StaticNode {
  readonly name: DomainName;
  readonly sets: readonly RecordSet[];
}

/**
 * Resolvers remember a "no" for this long (RFC 2308 §5), so a name that is asked too early hurts only so long.
 * The SOA's own time to live is the same, since the smaller of the two counts.
 */
const negativeTtl = 10;

/** The part of the zone that configuration makes; accounts and their values stand beside it. */
export class Zone {
  readonly apex: DomainName;
  readonly nameServer: DomainName;
  readonly admin: DomainName;
  readonly apexNode: StaticNode;
  readonly hasWildcards: boolean;
  readonly hasCuts: boolean;
  readonly apexLabels: number;
  private readonly nodes = new NameTable<StaticNode>();

  private constructor(
    names: { apex: DomainName; nameServer: DomainName; admin: DomainName },
    records: readonly ZoneRecord[],
  ) {
    this.apex = names.apex;
    this.nameServer = names.nameServer;
    this.admin = names.admin;
    this.apexLabels = names.apex.labelOffsets().length;
    for (const node of buildNodes(records, names.apex)) {
      this.nodes.set(relativeKey(node.name, names.apex), node);
    }
    this.apexNode = this.node(names.apex) ?? { name: names.apex, sets: [] };
    this.hasWildcards = records.some(({ owner }) => owner.key[0] === 1 && owner.key[1] === 0x2a);
    this.hasCuts = records.some(
      ({ owner, type }) => type === recordType.NS && !owner.equals(names.apex),
    );
  }

  /** The zone, or everything that is wrong with its description. */
  static parse(description: ZoneDescription): Zone | readonly ZoneFault[] {
    const apex = absolute(description.domain);
    const nameServer = absolute(description.nameServer);
    const admin = mailName(description.admin);
    const faults: ZoneFault[] = [];
    const fault = (setting: ZoneFault['setting'], text: string): void => {
      faults.push({ setting, text, reason: 'is not a domain name' });
    };
    if (apex === undefined || apex.wire.length === 1) fault('domain', description.domain);
    if (nameServer === undefined) fault('nsname', description.nameServer);
    if (admin === undefined) fault('nsadmin', description.admin);
    if (apex === undefined || nameServer === undefined || admin === undefined) return faults;
    const records: ZoneRecord[] = [];
    description.records.forEach((line, index) => {
      const record = parseRecord(line, apex);
      const reason = 'reason' in record ? record.reason : misplaced(record, apex);
      if (reason !== undefined)
        faults.push({ setting: 'records', line: index + 1, text: line, reason });
      else if (!('reason' in record)) records.push(record);
    });
    faults.push(...cnameFaults(records, description.records));
    if (faults.length > 0) return faults;
    const served = records.some(({ owner, type }) => type === recordType.NS && owner.equals(apex));
    if (!served)
      records.push({ owner: apex, type: recordType.NS, ttl: 3_600, rdata: [nameServer] });
    return new Zone({ apex, nameServer, admin }, records);
  }

  /** By the octets before the zone's own part of a query name. */
  find(bytes: Uint8Array, from: number, to: number, hash?: number): StaticNode | undefined {
    return this.nodes.find(bytes, from, to, hash);
  }

  node(name: DomainName): StaticNode | undefined {
    const key = relativeKey(name, this.apex);
    return this.nodes.find(key, 0, key.length);
  }

  /** The SOA record with its serial, ready for the authority section and for its own query. */
  soa(serial: number): Block {
    const numbers = new DataView(new ArrayBuffer(20));
    [serial, 28_800, 7_200, 604_800, negativeTtl].forEach((value, index) =>
      numbers.setUint32(4 * index, value),
    );
    const rdata = [this.nameServer, this.admin, new Uint8Array(numbers.buffer)];
    const record = { owner: this.apex, type: recordType.SOA, ttl: negativeTtl, rdata };
    return encodeBlock([record], this.apex, 'own');
  }
}

export function relativeKey(name: DomainName, apex: DomainName): Uint8Array {
  return name.key.subarray(0, name.key.length - apex.key.length);
}

function absolute(text: string): DomainName | undefined {
  return DomainName.parse(text.endsWith('.') ? text : `${text}.`);
}

/** `first.last@example.org` becomes `first\.last.example.org.` (RFC 1035 §8). */
function mailName(text: string): DomainName | undefined {
  const at = text.lastIndexOf('@');
  if (at === -1) return absolute(text);
  return absolute(`${text.slice(0, at).replaceAll('.', '\\.')}.${text.slice(at + 1)}`);
}

function misplaced(record: ZoneRecord, apex: DomainName): string | undefined {
  if (!record.owner.isAtOrBelow(apex))
    return `${record.owner.toString()} is not in the zone ${apex.toString()}`;
  const atApex = record.owner.equals(apex) && record.type === recordType.CNAME;
  return atApex ? 'the zone itself can have no CNAME beside its SOA and NS' : undefined;
}

/** A CNAME stands alone (RFC 1034 §3.6.2), and only once (RFC 2181 §10.1). */
function cnameFaults(records: readonly ZoneRecord[], lines: readonly string[]): ZoneFault[] {
  return records.flatMap((record, index) => {
    const beside =
      record.type === recordType.CNAME &&
      records.some((other) => other !== record && other.owner.equals(record.owner));
    if (!beside) return [];
    const reason = `${record.owner.toString()} has a CNAME, so it can have nothing else`;
    return [{ setting: 'records', line: index + 1, text: lines[index] ?? '', reason } as const];
  });
}

function buildNodes(records: readonly ZoneRecord[], apex: DomainName): readonly StaticNode[] {
  const byName = new Map<string, { name: DomainName; records: ZoneRecord[] }>();
  const at = (name: DomainName): { name: DomainName; records: ZoneRecord[] } => {
    const key = String(name.key);
    const known = byName.get(key) ?? { name, records: [] };
    byName.set(key, known);
    return known;
  };
  for (const record of records) {
    at(record.owner).records.push(record);
    for (let name = record.owner; !name.equals(apex); name = name.parent()) at(name);
  }
  return [...byName.values()].map((node) => ({
    name: node.name,
    sets: recordSets(node.records, apex),
  }));
}

function recordSets(records: readonly ZoneRecord[], apex: DomainName): readonly RecordSet[] {
  return [...new Set(records.map(({ type }) => type))].map((type) => {
    const own = distinct(records.filter((record) => record.type === type));
    // One RRset has one time to live (RFC 2181 §5.2).
    const ttl = Math.min(...own.map((record) => record.ttl));
    const even = own.map((record) => ({ ...record, ttl }));
    return {
      type,
      records: even,
      asked: encodeBlock(even, apex, 'asked'),
      own: encodeBlock(even, apex, 'own'),
      targets: even.flatMap(targetOf),
    };
  });
}

/** No record is twice in a set (RFC 2181 §5). */
function distinct(records: readonly ZoneRecord[]): readonly ZoneRecord[] {
  const text = (record: ZoneRecord): string => record.rdata.map((part) => octets(part)).join('|');
  return records.filter(
    (record, index) => records.findIndex((other) => text(other) === text(record)) === index,
  );
}

/** Which name inside a record is asked next: NS, MX and SRV have it last. */
function targetOf(record: ZoneRecord): readonly DomainName[] {
  const follows: readonly number[] = [recordType.NS, recordType.MX, recordType.SRV];
  const last = record.rdata.at(-1);
  if (!follows.includes(record.type) || last === undefined) return [];
  return [last instanceof DomainName ? last : DomainName.ofWire(last)];
}
