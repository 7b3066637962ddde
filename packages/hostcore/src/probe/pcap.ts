/** Frames out of a stream in the format of libpcap's files (draft-ietf-opsawg-pcap), as it comes. */
export class PcapReader {
  #rest = Buffer.alloc(0);
  #little: boolean | undefined;

  /** The header of the stream has come: the capture runs. */
  get begun(): boolean {
    return this.#little !== undefined;
  }

  push(chunk: Buffer): readonly Buffer[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    if (this.#little === undefined) {
      if (this.#rest.length < 24) return [];
      const magic = this.#rest.readUInt32LE(0);
      this.#little = magic === 0xa1b2c3d4 || magic === 0xa1b23c4d;
      this.#rest = this.#rest.subarray(24);
    }
    const frames: Buffer[] = [];
    while (this.#rest.length >= 16) {
      const length = this.#little ? this.#rest.readUInt32LE(8) : this.#rest.readUInt32BE(8);
      if (this.#rest.length < 16 + length) break;
      frames.push(this.#rest.subarray(16, 16 + length));
      this.#rest = this.#rest.subarray(16 + length);
    }
    return frames;
  }
}
