/** Reads the bytes of whatever a caller calls an image: a path, bytes, or a stream. */
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { abortError } from '../abortable.js';
import { DeepcodeError, invalidArgument } from '../errors.js';
import { closeStream, isImageStream, openStream, type ImageStream } from './image-streams.js';

/**
 * A path; the bytes of a file (a Buffer is a Uint8Array); or a stream of them, Node's or the web's. A stream is read
 * once, by the call that gets it, which closes it when it does not read it to its end.
 */
export type ImageInput = string | Uint8Array | ArrayBuffer | Blob | ImageStream;

const EXPECTED = 'a path, Buffer, Uint8Array, ArrayBuffer, Blob, Readable or ReadableStream';

export function checkImageInput(input: unknown): asserts input is ImageInput {
  const isBytes = input instanceof Uint8Array || input instanceof ArrayBuffer || input instanceof Blob;
  if (typeof input === 'string' ? input !== '' : isBytes || isImageStream(input)) return;
  throw invalidArgument('image', EXPECTED, input);
}

/** How messages call the image: the file's name, or "image" for bytes and streams. */
export function imageName(input: ImageInput): string {
  return typeof input === 'string' ? basename(input).slice(-80) : 'image';
}

function tooLarge(name: string, maxBytes: number): DeepcodeError {
  const limit = Math.floor(maxBytes / 2 ** 20);
  return new DeepcodeError('ERR_IMAGE', `Cannot decode ${name}: it is larger than ${limit} MiB (option maxBytes).`);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  ERR_INVALID_STATE: 'the stream has another reader',
  ERR_STREAM_PREMATURE_CLOSE: 'the stream was closed before its end',
};

/** Of Node's errors the code, of what `fetch` reports that of its cause, of a platform's exception the name. */
function reasonOf(error: unknown): string {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: { code?: unknown } };
  const known = [code, cause?.code].find((each) => typeof each === 'string');
  if (known !== undefined) return REASONS[known] ?? known;
  return error instanceof DOMException ? error.name : 'unknown error';
}

function readFailure(name: string, error: unknown): DeepcodeError {
  return new DeepcodeError('ERR_IO', `Cannot read ${name}: ${reasonOf(error)}.`, { cause: error });
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

async function readBlob(blob: Blob, maxBytes: number): Promise<Uint8Array> {
  if (blob.size > maxBytes) throw tooLarge('image', maxBytes);
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch (error) {
    throw readFailure('image', error);
  }
}

async function readStream(input: ImageStream, maxBytes: number, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of openStream(input, signal)) {
      const bytes = Buffer.from(chunk as Uint8Array | string);
      size += bytes.length;
      if (size > maxBytes) throw tooLarge('image', maxBytes);
      chunks.push(bytes);
    }
  } catch (error) {
    if (error instanceof DeepcodeError) throw error;
    throw signal?.aborted ? abortError(signal) : readFailure('image', error);
  }
  return Buffer.concat(chunks);
}

/**
 * Rejects with ERR_IO when the source cannot be read, ERR_IMAGE when it is longer than `maxBytes`, AbortError.
 * A stream is closed when it is not read to its end. Reading starts before this returns.
 */
export async function readImageBytes(
  input: ImageInput,
  limits: { maxBytes: number; signal?: AbortSignal | undefined },
): Promise<Uint8Array> {
  const { maxBytes, signal } = limits;
  if (signal?.aborted) {
    if (isImageStream(input)) closeStream(input);
    throw abortError(signal);
  }
  if (typeof input === 'string') return readPath(input, maxBytes);
  if (isImageStream(input)) return readStream(input, maxBytes, signal);
  if (input instanceof Blob) return readBlob(input, maxBytes);
  if (input.byteLength > maxBytes) throw tooLarge('image', maxBytes);
  return input instanceof ArrayBuffer ? new Uint8Array(input) : input;
}
