/** From a feature_extractor/preprocessor_config.json to what transformers' CLIPImageProcessor does with an image. */
import { Fields } from '../../detect/json-fields.js';

type Triple = readonly [number, number, number];

export interface ClipPreprocessing {
  /** What the shortest side becomes, in pixels. */
  shortestEdge: number;
  /** Side of the square that is cut out of the middle. */
  cropSize: number;
  /** Per channel, of values from 0 to 1. */
  mean: Triple;
  std: Triple;
}

const MAX_SIDE = 4096;

/** Pillow's number of its bicubic filter, the only one that published models use. */
const BICUBIC = 3;

/** A number, or an object with one of `names`; all of them must be equal. */
function sizeOf(fields: Fields, name: string, names: readonly string[]): number {
  const value = fields.raw(name);
  const rule = { min: 1, max: MAX_SIDE, integer: true };
  if (typeof value === 'number') return fields.number(name, rule);
  const sides = fields.object(name);
  const numbers = names.map((side) => sides.number(side, rule));
  if (numbers.some((number) => number !== numbers[0])) throw fields.refuse(name, 'one size');
  return numbers[0]!;
}

/**
 * @param imageSize what the image encoder takes, in pixels
 * @param where the file's name, for messages
 * @throws DeepcodeError ERR_CONFIG naming the field
 */
export function parseClipPreprocessor(config: unknown, imageSize: number, where: string): ClipPreprocessing {
  const fields = new Fields(config, where);
  for (const step of ['do_resize', 'do_center_crop', 'do_normalize']) {
    if ((fields.raw(step) ?? true) !== true) throw fields.refuse(step, 'true');
  }
  if ((fields.raw('resample') ?? BICUBIC) !== BICUBIC) throw fields.refuse('resample', `${BICUBIC} (bicubic)`);
  const cropSize = sizeOf(fields, 'crop_size', ['height', 'width']);
  if (cropSize !== imageSize) throw fields.refuse('crop_size', `the image size of the safety checker, ${imageSize}`);
  const shortestEdge = sizeOf(fields, 'size', ['shortest_edge']);
  if (shortestEdge < cropSize) throw fields.refuse('size', `at least crop_size ${cropSize}`);
  const std = fields.numbers('image_std', 3, { min: 0, max: 1 });
  if (std.includes(0)) throw fields.refuse('image_std', '3 numbers above 0');
  return {
    shortestEdge,
    cropSize,
    mean: fields.numbers('image_mean', 3, { min: 0, max: 1 }),
    std,
  };
}
