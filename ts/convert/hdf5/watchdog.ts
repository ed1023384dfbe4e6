/** Tells a worker that a file has sent round in circles from one that waits for the disk. */

/** After this much time, and as much work of the processor, without reading from the file, the worker hangs. */
const STALL_MS = 1500;

/** Milliseconds that have passed, and that this process has worked. */
const processClock = (): { wall: number; cpu: number } => ({ wall: performance.now(), cpu: process.cpuUsage().user / 1000 });

export class Watchdog {
  #beats = -1;
  #since = { wall: 0, cpu: 0 };

  /** `heartbeat` goes up by one before each read of the file, and by one after it. */
  constructor(
    readonly heartbeat: Int32Array,
    readonly clock = processClock,
  ) {}

  /** To be asked regularly. Both clocks have to run out: a busy machine gives little of its processor. */
  isStalled(): boolean {
    const now = this.clock();
    const beats = Atomics.load(this.heartbeat, 0);
    const isReading = beats % 2 !== 0;
    if (beats !== this.#beats || isReading) {
      this.#beats = beats;
      this.#since = { ...now };
      return false;
    }
    return now.wall - this.#since.wall > STALL_MS && now.cpu - this.#since.cpu > STALL_MS;
  }
}
