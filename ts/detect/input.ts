/** From what a caller calls an image to what the network sees, a bounded number at a time. */
import { availableParallelism } from 'node:os';
import { DECODE_OPTIONS } from '../data/decode.js';
import { readImageBytes, type ImageInput } from '../data/image-input.js';
import { prepareImage, type Preprocessing } from '../data/preprocess.js';
import { abortable } from '../abortable.js';
import { Semaphore } from './semaphore.js';

/**
 * A path or bytes: streams are read to their end. A slow stream must hold nothing that others wait for, so this
 * comes before any queue.
 */
export async function settleInput(
  input: ImageInput,
  signal: AbortSignal | undefined,
): Promise<string | Uint8Array> {
  if (typeof input === 'string' || input instanceof Uint8Array) return input;
  return abortable(
    readImageBytes(input, { maxBytes: DECODE_OPTIONS.maxBytes.default, signal }),
    signal,
  );
}

/** Decodes, turns upright, resizes and crops. A decoded image may take 120 MB: few are decoded at a time. */
export class Preparer {
  readonly #decoders = new Semaphore(Math.min(8, Math.max(2, availableParallelism())));

  constructor(private readonly preprocessing: Preprocessing) {}

  /** inputSize height x width x 3 bytes. Rejects with ERR_IMAGE, ERR_IO or AbortError. */
  async prepare(input: string | Uint8Array, signal: AbortSignal | undefined): Promise<Uint8Array> {
    await this.#decoders.acquire(signal);
    try {
      return await prepareImage(input, this.preprocessing, { signal });
    } finally {
      this.#decoders.release();
    }
  }
}
