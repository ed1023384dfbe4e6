/**
 * Joins images of concurrent callers into batches for one network.
 *
 * Rows of a batch do not influence each other, but a matrix product may round differently for another
 * number of rows. So images that must give the same bits in every run are scored with `scoreTogether`, which
 * never adds another caller's images; `score` takes whatever company is waiting.
 */
import { DeepcodeError } from '../errors.js';
import { abortError, allowManyListeners } from '../abortable.js';

/** What the network says of one image. */
export interface ImageScores {
  /** [real, fake]. */
  logits: Float32Array;
  /** What the head reads. */
  features: Float32Array;
}

/** Scores `count` images that lie one after the other; both arrays hold one row an image. */
export type RunBatch = (
  images: Uint8Array,
  count: number,
  signal: AbortSignal,
) => Promise<ImageScores>;

interface Request {
  images: readonly Uint8Array[];
  /** May share a batch with others. */
  joinable: boolean;
  signal: AbortSignal | undefined;
  settle: (outcomes: readonly (ImageScores | Error)[]) => void;
  fail: (error: unknown) => void;
  onAbort: () => void;
}

/** Batches given to the network at a time: one runs, one waits behind it so that no time is lost. */
const IN_FLIGHT = 2;

function concatenate(images: readonly Uint8Array[]): Uint8Array {
  if (images.length === 1) return images[0]!;
  const bytes = new Uint8Array(images.reduce((sum, image) => sum + image.length, 0));
  let offset = 0;
  for (const image of images) {
    bytes.set(image, offset);
    offset += image.length;
  }
  return bytes;
}

function rowsOf(scores: ImageScores, count: number): ImageScores[] {
  const [classes, width] = [scores.logits.length / count, scores.features.length / count];
  return Array.from({ length: count }, (_, i) => ({
    logits: scores.logits.slice(i * classes, (i + 1) * classes),
    features: scores.features.slice(i * width, (i + 1) * width),
  }));
}

export class Batcher {
  readonly #run: RunBatch;
  readonly #maxBatch: number;
  readonly #queue: Request[] = [];
  #inFlight = 0;
  #scheduled = false;
  #closed: Error | undefined;

  /** @param maxBatch the most images of different callers in one batch */
  constructor(run: RunBatch, maxBatch: number) {
    this.#run = run;
    this.#maxBatch = maxBatch;
  }

  /** Scores one image, in a batch with those of other callers that are waiting. */
  async score(image: Uint8Array, signal?: AbortSignal): Promise<ImageScores> {
    const [outcome] = await this.#enqueue([image], true, signal);
    if (outcome instanceof Error) throw outcome;
    return outcome!;
  }

  /**
   * Scores images as one batch of their own. An image whose result is not finite gets its error in place
   * of scores; any other failure rejects the call.
   */
  scoreTogether(
    images: readonly Uint8Array[],
    signal?: AbortSignal,
  ): Promise<readonly (ImageScores | Error)[]> {
    return images.length === 0 ? Promise.resolve([]) : this.#enqueue(images, false, signal);
  }

  /** Rejects what waits, and every later call, with `error`. */
  close(error: Error): void {
    this.#closed = error;
    for (const request of this.#queue.splice(0)) request.fail(error);
  }

  #enqueue(
    images: readonly Uint8Array[],
    joinable: boolean,
    signal: AbortSignal | undefined,
  ): Promise<readonly (ImageScores | Error)[]> {
    if (this.#closed) return Promise.reject(this.#closed);
    if (signal?.aborted) return Promise.reject(abortError(signal));
    return new Promise((resolve, reject) => {
      const request: Request = {
        images,
        joinable,
        signal,
        settle: resolve,
        fail: reject,
        onAbort: () => undefined,
      };
      request.onAbort = () => this.#withdraw(request);
      signal?.addEventListener('abort', request.onAbort, { once: true });
      this.#queue.push(request);
      this.#schedule();
    });
  }

  #withdraw(request: Request): void {
    const index = this.#queue.indexOf(request);
    if (index >= 0) this.#queue.splice(index, 1);
    request.fail(abortError(request.signal!));
  }

  /** Starts after the current turn of the event loop, so that callers of one turn share a batch. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      while (this.#queue.length > 0 && this.#inFlight < IN_FLIGHT)
        void this.#runBatch(this.#take());
    });
  }

  /** The first request, and the joinable ones behind it as long as the first is. */
  #take(): Request[] {
    const end = this.#queue.findIndex(({ joinable }, i) => !joinable || i >= this.#maxBatch);
    return this.#queue.splice(0, end < 0 ? this.#queue.length : Math.max(1, end));
  }

  async #runBatch(requests: Request[]): Promise<void> {
    this.#inFlight++;
    const controller = new AbortController();
    allowManyListeners(controller.signal);
    // The work is stopped when nobody wants any of it.
    const onAbort = (): void => {
      if (requests.every(({ signal }) => signal?.aborted)) controller.abort();
    };
    for (const { signal } of requests) signal?.addEventListener('abort', onAbort, { once: true });
    try {
      const outcomes = await this.#runIsolated(
        requests.flatMap(({ images }) => images),
        controller.signal,
      );
      let start = 0;
      for (const { images, settle } of requests)
        settle(outcomes.slice(start, (start += images.length)));
    } catch (error) {
      for (const { fail } of requests) fail(error);
    } finally {
      for (const { signal, onAbort: withdraw } of requests) {
        signal?.removeEventListener('abort', onAbort);
        signal?.removeEventListener('abort', withdraw);
      }
      this.#inFlight--;
      if (this.#queue.length > 0) this.#schedule();
    }
  }

  /** One image with a result that is not finite must not fail its neighbours: they are scored again. */
  async #runIsolated(images: Uint8Array[], signal: AbortSignal): Promise<(ImageScores | Error)[]> {
    try {
      return rowsOf(await this.#run(concatenate(images), images.length, signal), images.length);
    } catch (error) {
      if (!(error instanceof DeepcodeError) || error.code !== 'ERR_NONFINITE') throw error;
      if (images.length === 1) return [error];
      const outcomes: (ImageScores | Error)[] = [];
      for (const image of images) outcomes.push(...(await this.#runIsolated([image], signal)));
      return outcomes;
    }
  }
}
