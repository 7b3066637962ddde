/** What one line needs beside its octets. */
const headSize = 4;
const firstSize = 65_536;

/**
 * Texts by name, one after the other in one array of octets outside the collector's heap: half the memory of strings,
 * and nothing for it to walk through. A text that is replaced leaves a gap; the gaps are closed when they are half.
 */
export class PackedLines {
  private readonly places = new Map<string, number>();
  private bytes = Buffer.allocUnsafeSlow(firstSize);
  private end = 0;
  private wasted = 0;

  get size(): number {
    return this.places.size;
  }

  names(): readonly string[] {
    return [...this.places.keys()];
  }

  get(name: string): string | undefined {
    const place = this.places.get(name);
    if (place === undefined) return undefined;
    const start = place + headSize;
    return this.bytes.toString('utf8', start, start + this.bytes.readUInt32LE(place));
  }

  set(name: string, line: string): void {
    this.delete(name);
    const length = Buffer.byteLength(line);
    this.makeRoom(headSize + length);
    this.bytes.writeUInt32LE(length, this.end);
    this.bytes.write(line, this.end + headSize);
    this.places.set(name, this.end);
    this.end += headSize + length;
  }

  delete(name: string): void {
    const place = this.places.get(name);
    if (place === undefined) return;
    this.wasted += headSize + this.bytes.readUInt32LE(place);
    this.places.delete(name);
  }

  private makeRoom(size: number): void {
    if (this.end + size <= this.bytes.length) return;
    const from = this.bytes;
    const closing = 2 * this.wasted > this.end;
    const kept = closing ? this.end - this.wasted : this.end;
    this.bytes = Buffer.allocUnsafeSlow(Math.max(firstSize, 2 * (kept + size)));
    if (closing) this.closeGaps(from);
    else from.copy(this.bytes, 0, 0, this.end);
  }

  private closeGaps(from: Buffer): void {
    let end = 0;
    for (const [name, place] of this.places) {
      const whole = place + headSize + from.readUInt32LE(place);
      from.copy(this.bytes, end, place, whole);
      this.places.set(name, end);
      end += whole - place;
    }
    this.end = end;
    this.wasted = 0;
  }
}
