import { abortable } from '../abortable.js';

type Source<T> = Iterable<T> | AsyncIterable<T>;

export function isAsync<T>(source: Source<T>): source is AsyncIterable<T> {
  return Symbol.asyncIterator in source;
}

/** One pass over `source` that starts `work` on up to `limit` items before the first is taken. */
class Ahead<T, R> {
  readonly #iterator: Iterator<T> | AsyncIterator<T>;
  readonly #running: Promise<R>[] = [];
  #arriving: Promise<void> | undefined;
  #ended = false;

  constructor(
    source: Source<T>,
    private readonly limit: number,
    private readonly work: (item: T) => Promise<R>,
    private readonly signal: AbortSignal | undefined,
  ) {
    this.#iterator = isAsync(source) ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  }

  #accept(step: IteratorResult<T>): void {
    this.#arriving = undefined;
    if (step.done) {
      this.#ended = true;
      return;
    }
    const result = this.work(step.value);
    // Nobody may look at this promise for a while, or ever, after an abort.
    result.catch(() => undefined);
    this.#running.push(result);
  }

  /** Takes what the source has without waiting; an item on its way is left in #arriving. */
  #fill(): void {
    while (!this.#ended && this.#arriving === undefined && this.#running.length < this.limit) {
      const step = this.#iterator.next();
      if (!(step instanceof Promise)) this.#accept(step);
      else this.#arriving = step.then((value) => this.#accept(value));
      this.#arriving?.catch(() => undefined);
    }
  }

  async next(): Promise<{ value: R } | undefined> {
    for (;;) {
      this.#fill();
      const [first] = this.#running;
      if (first === undefined && this.#arriving === undefined) return undefined;
      const settled = first?.then((value) => ({ value }));
      // A new item may come while the first one is worked on: start it at once.
      const race = Promise.race(
        [settled, this.#arriving].filter((promise) => promise !== undefined),
      );
      const winner = await abortable(race, this.signal);
      if (winner === undefined) continue;
      this.#running.shift();
      return winner;
    }
  }

  async stop(): Promise<void> {
    this.#ended = true;
    // The iterator of a stalled source would never answer.
    if (this.#arriving === undefined) await this.#iterator.return?.();
    else void Promise.resolve(this.#iterator.return?.()).catch(() => undefined);
  }
}

/**
 * The results of `work` in the order of `source`, with up to `limit` items worked on ahead of the reader.
 * Leaving the loop early ends the source; what is running then is left to finish unobserved. Ends with
 * AbortError when `signal` is aborted, also while the source gives nothing.
 */
export async function* mapAhead<T, R>(
  source: Source<T>,
  limit: number,
  work: (item: T) => Promise<R>,
  signal?: AbortSignal,
): AsyncGenerator<R, void, undefined> {
  const ahead = new Ahead(source, limit, work, signal);
  try {
    for (let step = await ahead.next(); step !== undefined; step = await ahead.next())
      yield step.value;
  } finally {
    await ahead.stop();
  }
}
