/** Unreadable images of a run: each is reported once, and too many end it. */
import { DeepcodeError } from '../../errors.js';
import type { LoadedBatch } from './batch-source.js';

export class BadImages {
  readonly #names: Set<string>;

  /** @param known names reported before the run was interrupted */
  constructor(
    known: readonly string[],
    private readonly limit: number,
    private readonly log: (message: string) => void,
  ) {
    this.#names = new Set(known);
  }

  get names(): readonly string[] {
    return [...this.#names];
  }

  /** @throws DeepcodeError ERR_IMAGE when there are more than the limit */
  report({ failures }: LoadedBatch): void {
    for (const { item, reason } of failures) {
      if (this.#names.has(item.name)) continue;
      this.#names.add(item.name);
      this.log(`Skipping ${item.path}: ${reason}`);
    }
    if (this.#names.size <= this.limit) return;
    throw new DeepcodeError(
      'ERR_IMAGE',
      `${this.#names.size} images could not be read, the last one ${[...this.#names].at(-1)!.slice(-80)}. ` +
        'Repair the data set, or raise --max-bad-images.',
    );
  }
}
