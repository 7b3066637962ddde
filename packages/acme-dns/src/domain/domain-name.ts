/**
 * A domain name as it stands on the wire (RFC 1035 §3.1): labels with their lengths, ended by the root's zero.
 * `wire` keeps the case it was written in; `key` is the same in lower case, as RFC 4343 compares names.
 */
export class DomainName {
  readonly wire: Uint8Array;
  readonly key: Uint8Array;

  private constructor(wire: Uint8Array) {
    this.wire = wire;
    this.key = wire.map(lowerCase);
  }

  /** Zone-file text (RFC 1035 §5.1), with `\.` and `\DDD`; a name without a final dot stands below `origin`. */
  static parse(text: string, origin?: DomainName): DomainName | undefined {
    if (text === '.') return new DomainName(Uint8Array.of(0));
    if (text === '@' && origin !== undefined) return origin;
    const labels = splitLabels(text);
    if (labels === undefined) return undefined;
    const absolute = labels.at(-1)?.length === 0;
    const own = absolute ? labels.slice(0, -1) : labels;
    if (own.length === 0 || own.some((label) => label.length === 0 || label.length > 63)) {
      return undefined;
    }
    const bytes = own.flatMap((label) => [label.length, ...label]);
    const tail = absolute || origin === undefined ? [0] : origin.wire;
    return bytes.length + tail.length > 255
      ? undefined
      : new DomainName(Uint8Array.of(...bytes, ...tail));
  }

  /** The name of labels that are known to be well formed. */
  static ofWire(wire: Uint8Array): DomainName {
    return new DomainName(wire);
  }

  /** Where each label starts in `wire`, the root's zero not among them. */
  labelOffsets(): readonly number[] {
    const offsets: number[] = [];
    for (let at = 0; (this.wire[at] ?? 0) !== 0; at += (this.wire[at] ?? 0) + 1) offsets.push(at);
    return offsets;
  }

  isAtOrBelow(other: DomainName): boolean {
    const start = this.key.length - other.key.length;
    return (
      (start === 0 || this.labelOffsets().includes(start)) &&
      other.key.every((byte, index) => byte === this.key[start + index])
    );
  }

  equals(other: DomainName): boolean {
    return this.key.length === other.key.length && this.isAtOrBelow(other);
  }

  /** The name one label up; the root's is the root. */
  parent(): DomainName {
    const first = this.wire[0] ?? 0;
    return first === 0 ? this : new DomainName(this.wire.slice(first + 1));
  }

  /** With its final dot. */
  toString(): string {
    if (this.wire.length === 1) return '.';
    return this.labelOffsets()
      .map((at) => `${labelText(this.wire.subarray(at + 1, at + 1 + (this.wire[at] ?? 0)))}.`)
      .join('');
  }
}

function lowerCase(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}

function splitLabels(text: string): number[][] | undefined {
  const labels: number[][] = [[]];
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '.') {
      labels.push([]);
      continue;
    }
    let byte = text.charCodeAt(at);
    if (char === '\\') {
      const digits = /^\d{3}/.exec(text.slice(at + 1))?.[0];
      byte = digits === undefined ? text.charCodeAt(at + 1) : Number(digits);
      at += digits?.length ?? 1;
    }
    if (!(byte <= 0xff)) return undefined;
    labels.at(-1)?.push(byte);
  }
  return labels;
}

function labelText(label: Uint8Array): string {
  let text = '';
  for (const byte of label) {
    if (byte <= 0x20 || byte >= 0x7f) text += `\\${String(byte).padStart(3, '0')}`;
    else if ('.\\"();@$'.includes(String.fromCharCode(byte)))
      text += `\\${String.fromCharCode(byte)}`;
    else text += String.fromCharCode(byte);
  }
  return text;
}
