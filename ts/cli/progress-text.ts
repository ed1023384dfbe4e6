/** "12 s", "3 min 5 s", "2 h 4 min". */
export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** Counts finished images and says how fast they go and how long the rest takes. */
export class Pace {
  readonly #started = performance.now();
  #done = 0;

  constructor(private readonly total: number) {}

  get seconds(): number {
    return (performance.now() - this.#started) / 1000;
  }

  get perSecond(): number {
    return this.#done / Math.max(this.seconds, 1e-9);
  }

  /** One more is done: "12/80 images, 6.1/s, 11 s left". */
  step(): string {
    this.#done++;
    const left = durationText((this.total - this.#done) / this.perSecond);
    return `${this.#done}/${this.total} images, ${this.perSecond.toFixed(1)}/s, ${left} left`;
  }
}
