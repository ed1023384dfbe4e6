/** The picture that image-to-image starts from: decoded, upright, at a size that the autoencoder takes. */
import { decodeImage } from '../data/decode.js';
import { checkImageInput, type ImageInput } from '../data/image-input.js';
import { resampleImage } from '../data/resample.js';
import { checkRgbImage, type RgbImage } from '../data/rgb-image.js';
import { DeepcodeError } from '../errors.js';
import { GENERATE_OPTIONS, SIZE_STEP } from './options.js';

export type SourceImage = ImageInput | RgbImage;

const isDecoded = (image: unknown): image is RgbImage => typeof image === 'object' && image !== null && 'width' in image;

/** @throws TypeError */
export function checkSourceImage(image: unknown): asserts image is SourceImage {
  if (isDecoded(image)) checkRgbImage(image);
  else checkImageInput(image);
}

/** diffusers' rule: whole steps of the size, rounded down. */
function sideOf(given: number | undefined, own: number): number {
  const side = given ?? Math.floor(own / SIZE_STEP) * SIZE_STEP;
  const { min, max } = GENERATE_OPTIONS.width;
  if (side >= min && side <= max) return side;
  const advice = 'Say which width and height to draw.';
  throw new DeepcodeError('ERR_IMAGE', `The image's side of ${own} pixels is not from ${min} to ${max}. ${advice}`);
}

/**
 * Resized as diffusers' VaeImageProcessor does: Pillow's Lanczos filter, also where proportions change.
 *
 * @param size what was asked for; a side that was not is the image's own, cut down to a multiple of 8
 * @throws DeepcodeError ERR_IMAGE, ERR_IO, AbortError
 */
export async function startImage(
  source: SourceImage,
  size: { width: number | undefined; height: number | undefined },
  signal: AbortSignal | undefined,
): Promise<RgbImage> {
  const image = isDecoded(source) ? source : await decodeImage(source, { signal });
  const width = sideOf(size.width, image.width);
  const height = sideOf(size.height, image.height);
  if (width === image.width && height === image.height) return image;
  return resampleImage(image, { width, height, filter: 'lanczos' });
}
