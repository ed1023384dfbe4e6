/** Counts network calls over all batches of a generation and says how long the rest takes. */
export class StepClock {
  readonly #started = performance.now();

  /** @param batches how many batches follow each other, of equally many calls */
  constructor(private readonly batches: number) {}

  /** `step` of `total` calls of batch number `batch` are done. */
  tick(batch: number, step: number, total: number): { step: number; total: number; secondsLeft: number } {
    const done = batch * total + step;
    const all = total * this.batches;
    const seconds = (performance.now() - this.#started) / 1e3;
    return { step: done, total: all, secondsLeft: (seconds / done) * (all - done) };
  }
}
