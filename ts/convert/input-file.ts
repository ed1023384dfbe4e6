/** A file of weights as bytes at positions: nothing of it is held in memory but what was asked for. */
import { constants, readSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { DeepcodeError } from '../errors.js';

/** How much of a tensor is in memory at a time; a multiple of every element's size. */
export const PIECE_BYTES = 1 << 22;

const ADVICE: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist.',
  ENOTDIR: 'a part of its path is not a folder.',
  EACCES: 'permission denied.',
  EISDIR: 'it is a folder.',
};

function cannotRead(name: string, error: unknown): DeepcodeError {
  const { code = 'an unknown error' } = error as NodeJS.ErrnoException;
  return new DeepcodeError('ERR_IO', `Cannot read ${name}: ${ADVICE[code] ?? `${code}.`}`, { cause: error });
}

/** Control characters of names in a file must not reach a terminal through a message. */
export const shown = (text: string): string =>
  JSON.stringify(text.slice(0, 80).replace(/[^\u0020-\u007e\u00a1-\ud7ff\ue000-\ufffd]/g, '?'));

export class InputFile {
  /** Without folder. */
  readonly name: string;
  readonly size: number;
  readonly #handle: FileHandle;

  private constructor(name: string, size: number, handle: FileHandle) {
    this.name = name;
    this.size = size;
    this.#handle = handle;
  }

  /** @throws DeepcodeError ERR_IO, also for what is not a regular file */
  static async open(path: string): Promise<InputFile> {
    const name = basename(path);
    let handle: FileHandle | undefined;
    try {
      // A pipe without a writer would block the open.
      handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
      const status = await handle.stat();
      if (status.isFile()) return new InputFile(name, status.size, handle);
    } catch (error) {
      await handle?.close();
      throw cannotRead(name, error);
    }
    await handle.close();
    throw new DeepcodeError('ERR_IO', `Cannot read ${name}: it is not a regular file.`);
  }

  /** The file descriptor, valid until close(). */
  get fd(): number {
    return this.#handle.fd;
  }

  /** An error that says why this file is not converted; `reason` continues "FILE: ". */
  refuse(reason: string): DeepcodeError {
    return new DeepcodeError('ERR_WEIGHTS_FORMAT', `${this.name}: ${reason}.`);
  }

  #checkRange(position: number, length: number): void {
    if (position < 0 || length < 0 || position + length > this.size) throw this.refuse('it is cut off');
  }

  /** Exactly these bytes, in memory of their own. Throws ERR_WEIGHTS_FORMAT where the file ends before. */
  readSync(position: number, length: number): Buffer {
    this.#checkRange(position, length);
    const buffer = Buffer.allocUnsafeSlow(length);
    for (let done = 0; done < length; ) {
      const got = this.#readSome(buffer, done, position + done);
      if (got === 0) throw this.refuse('it is cut off');
      done += got;
    }
    return buffer;
  }

  #readSome(buffer: Buffer, from: number, position: number): number {
    try {
      return readSync(this.fd, buffer, from, buffer.length - from, position);
    } catch (error) {
      throw cannotRead(this.name, error);
    }
  }

  /** As {@link readSync}, without blocking. */
  async read(position: number, length: number): Promise<Buffer> {
    this.#checkRange(position, length);
    const buffer = Buffer.allocUnsafeSlow(length);
    for (let done = 0; done < length; ) {
      const { bytesRead } = await this.#handle.read(buffer, done, length - done, position + done).catch((error: unknown) => {
        throw cannotRead(this.name, error);
      });
      if (bytesRead === 0) throw this.refuse('it is cut off');
      done += bytesRead;
    }
    return buffer;
  }

  /** The same in pieces of {@link PIECE_BYTES}; the last may be shorter. */
  async *pieces(position: number, length: number): AsyncGenerator<Buffer> {
    for (let done = 0; done < length; done += PIECE_BYTES) {
      yield await this.read(position + done, Math.min(PIECE_BYTES, length - done));
    }
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
