const lower = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte,
);

/** FNV-1a over the octets in lower case, so that RFC 4343 costs nothing extra. Never negative. */
export function nameHash(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let at = from; at < to; at++)
    hash = Math.imul(hash ^ (lower[bytes[at] ?? 0] ?? 0), 0x1000193);
  return (hash ^ (hash >>> 15)) & 0x7fffffff;
}

const free = -1;
const removed = -2;

function emptyIndex(slots: number): Int32Array {
  return new Int32Array(2 * slots).fill(free);
}

/**
 * Names to values by open addressing. The octets of a query are compared where they lie, so a lookup makes no string
 * and nothing for the collector; the names stand one after the other in one array, each behind its length.
 */
export class NameTable<T> {
  /** A slot's hash and where its name stands, side by side: the processor fetches both at once. */
  private index = emptyIndex(64);
  private values: (T | undefined)[] = [];
  private names = new Uint8Array(1_024);
  private end = 0;
  private used = 0;
  private live = 0;

  get size(): number {
    return this.live;
  }

  /** How large it has grown. */
  get slots(): number {
    return this.index.length / 2;
  }

  find(
    bytes: Uint8Array,
    from: number,
    to: number,
    hash = nameHash(bytes, from, to),
  ): T | undefined {
    const slot = this.slotOf(bytes, from, to, hash);
    return slot === -1 ? undefined : this.values[slot];
  }

  set(name: Uint8Array, value: T): void {
    const hash = nameHash(name, 0, name.length);
    const known = this.slotOf(name, 0, name.length, hash);
    if (known !== -1) {
      this.values[known] = value;
      return;
    }
    if (2 * (this.used + 1) > this.slots) this.rebuild();
    this.insert(name, 0, name.length, hash, value);
  }

  delete(name: Uint8Array): void {
    const slot = this.slotOf(name, 0, name.length, nameHash(name, 0, name.length));
    if (slot === -1) return;
    this.index[2 * slot] = removed;
    this.values[slot] = undefined;
    this.live--;
  }

  private slotOf(bytes: Uint8Array, from: number, to: number, hash: number): number {
    const { index } = this;
    const mask = index.length / 2 - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const found = index[2 * slot];
      if (found === free) return -1;
      if (found === hash && this.isAt(index[2 * slot + 1] ?? 0, bytes, from, to)) return slot;
    }
  }

  private isAt(place: number, bytes: Uint8Array, from: number, to: number): boolean {
    const names = this.names;
    if (names[place] !== to - from) return false;
    for (let at = from, other = place + 1; at < to; at++, other++) {
      if (lower[bytes[at] ?? 0] !== names[other]) return false;
    }
    return true;
  }

  private insert(bytes: Uint8Array, from: number, to: number, hash: number, value: T): void {
    const mask = this.slots - 1;
    let slot = hash & mask;
    while (this.index[2 * slot] !== free) slot = (slot + 1) & mask;
    this.index[2 * slot] = hash;
    this.index[2 * slot + 1] = this.keep(bytes, from, to);
    this.values[slot] = value;
    this.used++;
    this.live++;
  }

  private keep(bytes: Uint8Array, from: number, to: number): number {
    const place = this.end;
    this.end += to - from + 1;
    if (this.end > this.names.length) {
      const larger = new Uint8Array(Math.max(2 * this.names.length, this.end));
      larger.set(this.names);
      this.names = larger;
    }
    this.names[place] = to - from;
    for (let at = from; at < to; at++)
      this.names[place + 1 + at - from] = lower[bytes[at] ?? 0] ?? 0;
    return place;
  }

  /** Makes room for twice the names that are left, and forgets the removed ones. */
  private rebuild(): void {
    const { index, values, names } = this;
    const slots = 2 ** Math.ceil(Math.log2(4 * (this.live + 16)));
    this.index = emptyIndex(slots);
    this.values = Array.from({ length: slots });
    this.names = new Uint8Array(Math.max(1_024, this.end));
    this.end = this.used = this.live = 0;
    values.forEach((value, slot) => {
      const hash = index[2 * slot] ?? free;
      const place = index[2 * slot + 1] ?? 0;
      if (hash >= 0 && value !== undefined)
        this.insert(names, place + 1, place + 1 + (names[place] ?? 0), hash, value);
    });
  }
}
