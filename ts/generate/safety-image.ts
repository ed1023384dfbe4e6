/**
 * From an image to the crop that the safety checker sees, in 8 bits, as transformers' CLIPImageProcessor does it with
 * Pillow: the shortest side is resized, the middle is cut out. Mean and standard deviation are applied natively.
 */
import type { RgbImage } from '../data/rgb-image.js';
import { callNative } from '../native.js';
import type { CropPlan } from '../data/preprocess.js';
import type { ClipPreprocessing } from './config/clip-preprocessor.js';

const NO_FILL = [0, 0, 0];

const cropStart = (length: number, size: number): number => Math.floor((length - size) / 2);

function plan(width: number, height: number, { shortestEdge, cropSize }: ClipPreprocessing): CropPlan {
  const long = Math.floor((shortestEdge * Math.max(width, height)) / Math.min(width, height));
  const [w, h] = width <= height ? [shortestEdge, long] : [long, shortestEdge];
  const crop = { left: cropStart(w, cropSize), top: cropStart(h, cropSize), width: cropSize, height: cropSize };
  return { width: w, height: h, filter: 'bicubic', crop, fill: NO_FILL };
}

/** cropSize x cropSize x 3 bytes. */
export async function safetyCrop(image: RgbImage, preprocessing: ClipPreprocessing): Promise<Uint8Array> {
  const { width, height } = image;
  const options = { sourceWidth: width, sourceHeight: height, ...plan(width, height, preprocessing) };
  const { data } = await callNative(undefined, (addon) => addon.imageResizeCrop(image.data, options));
  return data;
}
