import { invalidArgument } from '../errors.js';

/** An upright 8-bit RGB picture: `data` holds height x width x 3 bytes, rows from the top, without padding. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Throws TypeError unless `image` holds width x height x 3 bytes. */
export function checkRgbImage(image: unknown): asserts image is RgbImage {
  const { width, height, data } = (image ?? {}) as Partial<RgbImage>;
  const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;
  if (isSize(width) && isSize(height) && data instanceof Uint8Array && data.length === width * height * 3) return;
  throw invalidArgument('image', 'an RGB image { width, height, data } of width x height x 3 bytes', image);
}
