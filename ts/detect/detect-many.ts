/** Many images through one network: decoding runs ahead, batches are cut in the order of the source. */
import { setTimeout as sleep } from 'node:timers/promises';
import { abortError, allowManyListeners } from '../abortable.js';
import type { Batcher, ImageScores } from './batcher.js';
import { isAsync, mapAhead } from './map-ahead.js';

/** Milliseconds that a started batch waits for more of an asynchronous source. */
const PATIENCE = 50;

export interface ManyOptions {
  batchSize: number;
  signal: AbortSignal | undefined;
  batcher: Pick<Batcher, 'scoreTogether'>;
}

/** An item with what came of it. */
export interface Scored<T> {
  item: T;
  outcome: ImageScores | Error;
}

interface Prepared<T> {
  item: T;
  pixels: Uint8Array | Error;
}

const isImage = <T>(entry: Prepared<T>): entry is Prepared<T> & { pixels: Uint8Array } =>
  entry.pixels instanceof Uint8Array;

/** Ends a wait for the next item early, when a batch has been started and the source gives nothing. */
async function nextOrPause<T>(
  next: Promise<T>,
  mayPause: boolean,
): Promise<{ value: T } | undefined> {
  if (!mayPause) return { value: await next };
  const timer = new AbortController();
  const pause = sleep(PATIENCE, undefined, { signal: timer.signal }).catch(() => undefined);
  try {
    return await Promise.race([next.then((value) => ({ value })), pause]);
  } finally {
    timer.abort();
  }
}

/**
 * Cuts a sequence into groups with `size` readable images each; unreadable ones ride along, as long as the
 * group has less than 2 `size` entries. With `impatient`, a group is also cut when its source stalls.
 */
async function* inBatches<T>(
  source: AsyncGenerator<Prepared<T>>,
  size: number,
  impatient: boolean,
): AsyncGenerator<Prepared<T>[]> {
  let batch: Prepared<T>[] = [];
  let readable = 0;
  let next: Promise<IteratorResult<Prepared<T>>> | undefined;
  try {
    for (;;) {
      next ??= source.next();
      const step = await nextOrPause(next, impatient && batch.length > 0);
      if (step !== undefined) next = undefined;
      if (step?.value.done) break;
      if (step) {
        const entry = step.value.value as Prepared<T>;
        batch.push(entry);
        if (isImage(entry)) readable++;
        if (readable < size && batch.length < 2 * size) continue;
      }
      yield batch;
      batch = [];
      readable = 0;
    }
    if (batch.length > 0) yield batch;
  } finally {
    next?.catch(() => undefined);
    void source.return(undefined).catch(() => undefined);
  }
}

async function scoreBatch<T>(
  batch: Prepared<T>[],
  { batcher, signal }: ManyOptions,
): Promise<Scored<T>[]> {
  const outcomes = [
    ...(await batcher.scoreTogether(
      batch.filter(isImage).map(({ pixels }) => pixels),
      signal,
    )),
  ];
  return batch.map((entry) => ({
    item: entry.item,
    outcome: isImage(entry) ? outcomes.shift()! : (entry.pixels as Error),
  }));
}

/**
 * Scores every item of `source`, in order. What cannot be prepared gets its error in place of scores;
 * an abort and a failing network end the sequence with an error.
 *
 * @param prepare reads one item; rejects for an unreadable one
 */
export async function* scoreMany<T>(
  source: Iterable<T> | AsyncIterable<T>,
  prepare: (item: T, signal: AbortSignal) => Promise<Uint8Array>,
  options: ManyOptions,
): AsyncGenerator<Scored<T>, void, undefined> {
  const { batchSize } = options;
  // Also ends what still runs when the reader leaves early.
  const leaving = new AbortController();
  const { signal } = leaving;
  allowManyListeners(signal);
  const onAbort = (): void => leaving.abort(options.signal?.reason);
  if (options.signal?.aborted) throw abortError(options.signal);
  options.signal?.addEventListener('abort', onAbort, { once: true });
  const read = async (item: T): Promise<Prepared<T>> => ({
    item,
    pixels: await prepare(item, signal).catch((error: Error) => error),
  });
  const prepared = mapAhead(source, 2 * batchSize, read, signal);
  const batches = inBatches(prepared, batchSize, isAsync(source));
  const score = (batch: Prepared<T>[]): Promise<Scored<T>[]> =>
    scoreBatch(batch, { ...options, signal });
  try {
    for await (const scored of mapAhead(batches, 2, score, signal)) yield* scored;
  } finally {
    options.signal?.removeEventListener('abort', onAbort);
    leaving.abort();
  }
}
