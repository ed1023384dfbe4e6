/** Pillow's Image.resize for callers in code. */
import { checkKind } from '../arguments.js';
import { invalidArgument, outOfRange } from '../errors.js';
import { callNative } from '../native.js';
import type { ImageFilter } from '../native/bindings.js';
import type { RgbImage } from './rgb-image.js';

export const RESAMPLE_FILTERS = ['nearest', 'box', 'bilinear', 'hamming', 'bicubic', 'lanczos'] as const;

/** The largest side of a result, in pixels. */
const MAX_SIDE = 65536;
const MAX_PIXELS = 2 ** 28;

export interface ResampleOptions {
  /** Of the result, in pixels, 1 to 65,536. */
  width: number;
  height: number;
  /** Default "bicubic". All are antialiased except "nearest". */
  filter?: ImageFilter | undefined;
  /** The part of the source to resize, in pixels; fractions are meaningful. Default: all of it. */
  box?: { left: number; top: number; right: number; bottom: number } | undefined;
}

export interface SampleImage extends RgbImage {
  /** 3 (RGB, the default) or 1 (grey). */
  readonly channels?: 1 | 3 | undefined;
}

function checkSide(name: string, value: unknown): void {
  const expected = `an integer from 1 to ${MAX_SIDE}`;
  if (typeof value !== 'number') throw invalidArgument(name, expected, value);
  if (!Number.isInteger(value) || value < 1 || value > MAX_SIDE) throw outOfRange(name, expected, value);
}

function checkEdges(name: string, low: number, high: number, size: number): void {
  if (!(low >= 0 && low < high && high <= size)) throw outOfRange(name, `edges in order from 0 to ${size}`, high);
}

function checkImage(image: SampleImage): void {
  checkKind('image', 'object', image);
  const { data, width, height, channels = 3 } = image;
  if (!(data instanceof Uint8Array)) throw invalidArgument('image.data', 'a Uint8Array', data);
  if (channels !== 1 && channels !== 3) throw invalidArgument('image.channels', '1 or 3', channels);
  const fits = Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0;
  if (!fits || data.length !== width * height * channels) {
    throw outOfRange('image.data.length', `${width} x ${height} x ${channels} bytes`, data.length);
  }
}

/**
 * Resizes 8-bit samples, bit for bit as Pillow does. The result has as many channels as the image.
 *
 * @throws TypeError, RangeError for wrong arguments
 */
export function resampleImage(image: SampleImage, options: ResampleOptions): Promise<RgbImage> {
  checkImage(image);
  checkKind('options', 'object', options);
  const { width, height, filter = 'bicubic', box } = options;
  checkSide('width', width);
  checkSide('height', height);
  const pixels = width * height;
  if (pixels > MAX_PIXELS) throw outOfRange('width x height', `at most ${MAX_PIXELS} pixels`, pixels);
  if (!RESAMPLE_FILTERS.includes(filter)) {
    throw invalidArgument('filter', `one of ${RESAMPLE_FILTERS.join(', ')}`, filter);
  }
  const whole = { left: 0, top: 0, right: image.width, bottom: image.height };
  const { left, top, right, bottom } = box ?? whole;
  checkEdges('box.right', left, right, image.width);
  checkEdges('box.bottom', top, bottom, image.height);
  return callNative(undefined, (addon) =>
    addon.imageResample(image.data, {
      sourceWidth: image.width,
      sourceHeight: image.height,
      channels: image.channels ?? 3,
      filter,
      width,
      height,
      box: { left, top, right, bottom },
      window: { left: 0, top: 0, width, height },
    }),
  );
}
