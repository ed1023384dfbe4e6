/** A range of a file as a stream of bytes, read through a window of 64 KiB. */
import type { InputFile } from '../input-file.js';

const WINDOW = 1 << 16;

export class ByteReader {
  readonly #file: InputFile;
  readonly #end: number;
  #window: Buffer = Buffer.alloc(0);
  #windowStart: number;
  #position: number;

  constructor(file: InputFile, start: number, end: number) {
    this.#file = file;
    this.#end = end;
    this.#position = start;
    this.#windowStart = start;
  }

  /** In the file. */
  get position(): number {
    return this.#position;
  }

  get remaining(): number {
    return this.#end - this.#position;
  }

  /** The next bytes, valid until the next call. Nothing is allocated for what is not there. */
  bytes(count: number): Buffer {
    if (count > this.remaining) throw this.#file.refuse('its pickle is cut off');
    const at = this.#position - this.#windowStart;
    if (at + count > this.#window.length) {
      this.#window = this.#file.readSync(this.#position, Math.min(Math.max(count, WINDOW), this.remaining));
      this.#windowStart = this.#position;
    }
    const from = this.#position - this.#windowStart;
    this.#position += count;
    return this.#window.subarray(from, from + count);
  }

  byte(): number {
    // Most of a pickle is read byte by byte: no Buffer is made for those that are in the window.
    const value = this.#window[this.#position - this.#windowStart];
    if (value === undefined) return this.bytes(1)[0]!;
    this.#position += 1;
    return value;
  }

  /** Text up to a line feed, without it; at most `most` bytes. */
  line(most: number): string {
    const codes: number[] = [];
    for (let code = this.byte(); code !== 0x0a; code = this.byte()) {
      if (codes.length === most) throw this.#file.refuse('its pickle has a name that is too long');
      codes.push(code);
    }
    return Buffer.from(codes).toString('utf8');
  }
}
