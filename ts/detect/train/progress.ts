/** Speed and time left of a run, for its progress line. */

export interface TrainProgress {
  /** Done so far; 1 after the first. */
  step: number;
  /** Of the whole run. */
  steps: number;
  /** The running epoch, 1 for the first. */
  epoch: number;
  epochs: number;
  /** `validate`: the epoch's steps are done and the validation images are being scored. */
  phase: 'train' | 'validate';
  /** The last step's loss. */
  loss: number;
  imagesPerSecond: number;
  /** Seconds to the end of training at this speed, validation not counted. */
  secondsLeft: number;
}

/** Weight of the past in the moving average: half of it is from the last 14 steps. */
const INERTIA = 0.95;

export class SpeedMeter {
  #seconds = 0;
  #images = 0;
  #last: number;

  constructor(private readonly now: () => number = () => performance.now() / 1000) {
    this.#last = now();
  }

  /** Starts the clock anew, after a pause that is not training. */
  restart(): void {
    this.#last = this.now();
  }

  /** Counts a step. @returns images a second in this step alone */
  step(images: number): number {
    const now = this.now();
    const seconds = Math.max(1e-9, now - this.#last);
    this.#last = now;
    this.#seconds = INERTIA * this.#seconds + seconds;
    this.#images = INERTIA * this.#images + images;
    return images / seconds;
  }

  /** Images a second, averaged over the last steps; 0 before the first. */
  get imagesPerSecond(): number {
    return this.#seconds === 0 ? 0 : this.#images / this.#seconds;
  }

  secondsFor(images: number): number {
    return this.#images === 0 ? Infinity : images / this.imagesPerSecond;
  }
}
