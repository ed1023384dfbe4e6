/** Decoded images in memory, up to a number of bytes; what is there stays, what does not fit is not kept. */
import type { RgbImage } from './rgb-image.js';

/**
 * Epochs visit every image once, in a new order: throwing out the least recently used image would throw out
 * just the one that comes next, so the first ones that fit are kept for good.
 */
export class ImageCache {
  readonly #images = new Map<string, RgbImage>();
  #bytes = 0;

  /** @param maxBytes 0 keeps nothing */
  constructor(private readonly maxBytes: number) {}

  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): RgbImage | undefined {
    return this.#images.get(key);
  }

  add(key: string, image: RgbImage): void {
    if (this.#images.has(key) || this.#bytes + image.data.length > this.maxBytes) return;
    this.#images.set(key, image);
    this.#bytes += image.data.length;
  }
}
