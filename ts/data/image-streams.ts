/** Streams of image bytes, Node's and the web's: what a call was given is heard from the first moment and closed at its end. */
import { setMaxListeners } from 'node:events';
import { addAbortSignal, Readable } from 'node:stream';
import type { ReadableStream as NodeWebStream } from 'node:stream/web';

/**
 * Node's stream, or the web's, such as the body of what `fetch` gives. Where TypeScript knows the DOM, the web's has two
 * types, of one class.
 */
export type ImageStream = Readable | ReadableStream | NodeWebStream;

export function isImageStream(input: unknown): input is ImageStream {
  return input instanceof Readable || input instanceof ReadableStream;
}

const heard = new WeakSet<Readable>();

/** An error that comes while nobody reads would end the process. Whoever reads later gets it all the same. */
function hear(stream: Readable): void {
  if (heard.has(stream)) return;
  heard.add(stream);
  stream.on('error', () => undefined);
}

/** Frees what is behind a stream that nobody will read. */
export function closeStream(stream: ImageStream): void {
  if (stream instanceof Readable) {
    hear(stream);
    stream.destroy();
  } else {
    // A stream that somebody reads, or that has failed, cannot be cancelled and need not be.
    stream.cancel().catch(() => undefined);
  }
}

/** The stream's bytes. An abort ends and closes it. Throws for a web stream that has another reader. */
export function openStream(input: ImageStream, signal: AbortSignal | undefined): Readable {
  const stream = input instanceof Readable ? input : Readable.fromWeb(input as NodeWebStream);
  hear(stream);
  if (signal === undefined) return stream;
  // One signal may end any number of streams, and that is no leak.
  setMaxListeners(0, signal);
  return addAbortSignal(signal, stream);
}

/**
 * Takes charge of the streams among `inputs`, which are read one after another: one that fails before its turn fails
 * in its turn.
 *
 * @returns closes those that were not read
 */
export function claimStreams(inputs: Iterable<unknown>): () => void {
  const streams = [...inputs].filter(isImageStream);
  for (const stream of streams) if (stream instanceof Readable) hear(stream);
  return () => streams.forEach(closeStream);
}

/** True for a stream whose chunks are bytes of one thing, not things: no source of many images. */
export function isByteStream(input: unknown): boolean {
  if (input instanceof Readable) return !input.readableObjectMode;
  if (!(input instanceof ReadableStream) || input.locked) return false;
  try {
    // Only streams of bytes have this reader; nothing is read.
    input.getReader({ mode: 'byob' }).releaseLock();
    return true;
  } catch {
    return false;
  }
}
