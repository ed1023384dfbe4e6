/** From a preprocessor_config.json to what transformers' ViTImageProcessor does with an image, through Pillow. */
import type { Preprocessing } from '../data/preprocess.js';
import { Fields } from '../detect/json-fields.js';
import type { ImageFilter } from '../native/bindings.js';

/** Pillow's numbers of its filters. */
const FILTERS: readonly ImageFilter[] = ['nearest', 'lanczos', 'bilinear', 'bicubic', 'box', 'hamming'];
const BILINEAR = 2;
const HALF = [0.5, 0.5, 0.5] as const;
const RESCALE = 1 / 255;

export interface CaptionPreprocessing extends Preprocessing {
  /** Per channel, of values from 0 to 1. */
  readonly std: readonly [number, number, number];
}

/** A number, or an object with height and width. */
function sideOf(fields: Fields, imageSize: number): void {
  const value = fields.raw('size');
  if (value === undefined || value === imageSize) return;
  const sides = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  if (sides.height !== imageSize || sides.width !== imageSize) throw fields.refuse('size', `the encoder's image size, ${imageSize}`);
}

function triple(fields: Fields, name: string, min: number): readonly [number, number, number] {
  return (fields.raw(name) ?? null) === null ? HALF : fields.numbers(name, 3, { min, max: 1 });
}

/**
 * @param imageSize what the encoder takes, in pixels
 * @param where the file's name, for messages
 * @throws DeepcodeError ERR_CONFIG naming the field
 */
export function parseImageProcessor(config: unknown, imageSize: number, where: string): CaptionPreprocessing {
  const fields = new Fields(config, where);
  for (const step of ['do_resize', 'do_rescale', 'do_normalize']) {
    if ((fields.raw(step) ?? true) !== true) throw fields.refuse(step, 'true');
  }
  for (const step of ['do_center_crop', 'do_pad']) {
    if ((fields.raw(step) ?? false) !== false) throw fields.refuse(step, 'false');
  }
  const rescale = fields.raw('rescale_factor') ?? RESCALE;
  if (typeof rescale !== 'number' || !(Math.abs(rescale - RESCALE) <= 1e-9)) throw fields.refuse('rescale_factor', '1 / 255');
  sideOf(fields, imageSize);
  const resample = (fields.raw('resample') ?? null) === null ? BILINEAR : fields.number('resample', { min: 0, max: FILTERS.length - 1, integer: true });
  return {
    inputSize: [3, imageSize, imageSize],
    interpolation: FILTERS[resample]!,
    cropPct: 1,
    cropMode: 'squash',
    mean: triple(fields, 'image_mean', 0),
    std: triple(fields, 'image_std', 1e-6),
  };
}
