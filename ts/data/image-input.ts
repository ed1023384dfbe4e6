/** Reads the bytes of whatever a caller calls an image: a path, bytes, or a stream. */
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { AbortError, DeepcodeError, invalidArgument } from '../errors.js';

/** A path, the bytes of a file (a Buffer is a Uint8Array), or a stream of them. */
export type ImageInput = string | Uint8Array | Readable;

export function checkImageInput(input: unknown): asserts input is ImageInput {
  if (typeof input === 'string' ? input !== '' : input instanceof Uint8Array || input instanceof Readable) return;
  throw invalidArgument('image', 'a path, Buffer, Uint8Array or Readable stream', input);
}

/** How messages call the image: the file's name, or "image" for bytes and streams. */
export function imageName(input: ImageInput): string {
  return typeof input === 'string' ? basename(input).slice(-80) : 'image';
}

function tooLarge(name: string, maxBytes: number): DeepcodeError {
  const limit = Math.floor(maxBytes / 2 ** 20);
  return new DeepcodeError('ERR_IMAGE', `Cannot decode ${name}: it is larger than ${limit} MiB (option maxBytes).`);
}

function readFailure(name: string, error: unknown): DeepcodeError {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
  const reason = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : code;
  return new DeepcodeError('ERR_IO', `Cannot read ${name}: ${reason}.`, { cause: error });
}

async function readPath(path: string, maxBytes: number): Promise<Uint8Array> {
  const name = imageName(path);
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      if (size > maxBytes) throw tooLarge(name, maxBytes);
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw error instanceof DeepcodeError ? error : readFailure(name, error);
  }
}

async function readStream(stream: Readable, maxBytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of stream) {
      const bytes = Buffer.from(chunk as Uint8Array | string);
      size += bytes.length;
      if (size > maxBytes) throw tooLarge('image', maxBytes);
      chunks.push(bytes);
    }
  } catch (error) {
    throw error instanceof DeepcodeError ? error : readFailure('image', error);
  }
  return Buffer.concat(chunks);
}

/**
 * Rejects with ERR_IO when the source cannot be read, ERR_IMAGE when it is longer than `maxBytes`, AbortError.
 * A stream is destroyed when it is not read to its end.
 */
export async function readImageBytes(
  input: ImageInput,
  limits: { maxBytes: number; signal?: AbortSignal | undefined },
): Promise<Uint8Array> {
  const { maxBytes, signal } = limits;
  if (signal?.aborted) throw new AbortError(undefined, { cause: signal.reason });
  if (typeof input === 'string') return readPath(input, maxBytes);
  if (input instanceof Readable) return readStream(input, maxBytes);
  if (input.length > maxBytes) throw tooLarge('image', maxBytes);
  return input;
}
