/** How long the rest of a phase takes, at the pace so far. */

export class PhaseClock {
  readonly #started: number;
  #spent = 0;

  /**
   * @param total photos of the phase
   * @param now seconds
   */
  constructor(
    private readonly total: number,
    private readonly now: () => number = () => performance.now() / 1000,
  ) {
    this.#started = now();
  }

  /** Takes photos off that cost nothing, such as those that an earlier run has finished. */
  skip(): void {
    this.#spent++;
  }

  /**
   * @param done photos, skipped ones included
   * @param part of the running photo that is done, 0 to 1
   * @returns seconds; undefined as long as nothing is done
   */
  secondsLeft(done: number, part = 0): number | undefined {
    const worked = done - this.#spent + part;
    if (worked <= 0) return undefined;
    return ((this.now() - this.#started) / worked) * (this.total - done - part);
  }
}
