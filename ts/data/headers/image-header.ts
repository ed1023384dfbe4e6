/** What the decoder must know of a file before any pixel of it is decoded. */
export interface ImageHeader {
  format: 'jpeg' | 'png' | 'webp';
  /** As stored, before EXIF orientation. */
  width: number;
  height: number;
  /** Bits of a sample after decoding. */
  depth: 8 | 16;
  /** Samples are ink coverage (also YCCK, which the JPEG decoder turns into CMYK). */
  cmyk: boolean;
  /** Plain 16-bit grey, which Pillow clips instead of scaling. */
  clipped: boolean;
  /** EXIF orientation, 1 to 8. */
  orientation: number;
}

/** A file whose structure is not what its format says. The message completes "Cannot decode NAME: ...". */
export class HeaderError extends Error {}

/** Reads within bounds: a position past the end is a HeaderError, never NaN. */
export class ByteReader {
  private readonly view: DataView;

  constructor(readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get length(): number {
    return this.bytes.length;
  }

  u8(at: number): number {
    this.require(at, 1);
    return this.view.getUint8(at);
  }

  u16(at: number, littleEndian = false): number {
    this.require(at, 2);
    return this.view.getUint16(at, littleEndian);
  }

  u24(at: number): number {
    return this.u16(at, true) + this.u8(at + 2) * 65536;
  }

  u32(at: number, littleEndian = false): number {
    this.require(at, 4);
    return this.view.getUint32(at, littleEndian);
  }

  /** One byte per character, so that binary prefixes compare as they are written. */
  text(at: number, length: number): string {
    this.require(at, length);
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + at, length).toString('latin1');
  }

  slice(at: number, length: number): Uint8Array {
    this.require(at, length);
    return this.bytes.subarray(at, at + length);
  }

  private require(at: number, length: number): void {
    if (at < 0 || at + length > this.bytes.length) throw new HeaderError('the file is truncated');
  }
}
