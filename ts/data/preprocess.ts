/**
 * From a decoded image to the crop that a network sees, in 8 bits, as timm's evaluation transform does it:
 * resize with Pillow, crop as torchvision does. Mean and standard deviation are applied natively, later.
 */
import { DeepcodeError } from '../errors.js';
import { callNative } from '../native.js';
import type { ImageFilter, PixelWindow } from '../native/bindings.js';
import { decodeImage, type DecodeOptions } from './decode.js';
import type { ImageInput } from './image-input.js';
import { checkRgbImage, type RgbImage } from './rgb-image.js';

/** The geometry in timm's pretrained_cfg; a detector.json's preprocessing is one. */
export interface Preprocessing {
  /** Channels (3), height, width in pixels. */
  readonly inputSize: readonly [number, number, number];
  readonly interpolation: ImageFilter;
  /** The size before the crop is floor(size / cropPct); above 0, at most 1. */
  readonly cropPct: number;
  /**
   * center: the shortest side fits, the rest is cut off. squash: both sides fit, the aspect ratio changes.
   * border: the longest side fits, the rest is filled with the mean colour.
   */
  readonly cropMode: 'center' | 'squash' | 'border';
  /** Per channel, of values from 0 to 1. */
  readonly mean: readonly [number, number, number];
}

/** Resize the whole image to width x height, then take `crop`, which may reach outside. */
export interface CropPlan {
  width: number;
  height: number;
  filter: ImageFilter;
  crop: PixelWindow;
  /** R, G, B of what lies outside, 0 to 255. */
  fill: number[];
}

/** Python's round: halves go to the even neighbour. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Where a crop of `size` starts on an axis of `length`: negative when it reaches outside. */
function cropStart(length: number, size: number): number {
  return length < size ? -Math.floor((size - length) / 2) : roundHalfEven((length - size) / 2);
}

/** torchvision.transforms.Resize with one number: the shortest side becomes `size`. */
function fitShortest(width: number, height: number, size: number): [number, number] {
  const long = Math.floor((size * Math.max(width, height)) / Math.min(width, height));
  return width <= height ? [size, long] : [long, size];
}

/** timm's ResizeKeepRatio: the image covers (or with `inside`, fits into) the given size. */
function keepRatio(width: number, height: number, size: [number, number], inside: boolean): [number, number] {
  const ratios = [width / size[0], height / size[1]] as const;
  const ratio = inside ? Math.max(...ratios) : Math.min(...ratios);
  // timm fails where a side would be rounded to 0 pixels; here it keeps one.
  return [Math.max(1, roundHalfEven(width / ratio)), Math.max(1, roundHalfEven(height / ratio))];
}

type Resize = Pick<CropPlan, 'width' | 'height' | 'filter'>;

function planResize(width: number, height: number, preprocessing: Preprocessing): Resize {
  const [, inputHeight, inputWidth] = preprocessing.inputSize;
  const { cropPct, cropMode, interpolation: filter } = preprocessing;
  const size: [number, number] = [Math.floor(inputWidth / cropPct), Math.floor(inputHeight / cropPct)];
  if (cropMode === 'squash') return { width: size[0], height: size[1], filter };
  const square = size[0] === size[1];
  const [w, h] =
    cropMode === 'center' && square
      ? fitShortest(width, height, size[0])
      : keepRatio(width, height, size, cropMode === 'border');
  // timm leaves the interpolation of a non-square centre crop at its default.
  return { width: w, height: h, filter: cropMode === 'center' && !square ? 'bilinear' : filter };
}

/** The resize and crop for an image of `width` x `height`. Throws ERR_IMAGE for one too elongated to resize. */
export function planCrop(width: number, height: number, preprocessing: Preprocessing): CropPlan {
  const [, inputHeight, inputWidth] = preprocessing.inputSize;
  const resize = planResize(width, height, preprocessing);
  if (Math.max(resize.width, resize.height) >= 2 ** 31) {
    throw new DeepcodeError('ERR_IMAGE', `Cannot resize an image of ${width} x ${height}: it is too elongated.`);
  }
  const border = preprocessing.cropMode === 'border';
  return {
    ...resize,
    crop: {
      left: cropStart(resize.width, inputWidth),
      top: cropStart(resize.height, inputHeight),
      width: inputWidth,
      height: inputHeight,
    },
    fill: border ? preprocessing.mean.map((value) => roundHalfEven(255 * value)) : [0, 0, 0],
  };
}

/** Resizes and crops a decoded image: inputSize height x width x 3 bytes. Throws TypeError for what is no image. */
export function cropImage(image: RgbImage, preprocessing: Preprocessing): Promise<Uint8Array> {
  checkRgbImage(image);
  return crop(image, preprocessing);
}

async function crop(image: RgbImage, preprocessing: Preprocessing): Promise<Uint8Array> {
  const plan = planCrop(image.width, image.height, preprocessing);
  const source = { sourceWidth: image.width, sourceHeight: image.height };
  const { data } = await callNative(undefined, (addon) => addon.imageResizeCrop(image.data, { ...source, ...plan }));
  return data;
}

/**
 * Decodes, turns upright, resizes and crops: inputSize height x width x 3 bytes. Throws and rejects as
 * {@link decodeImage} does.
 */
export function prepareImage(
  input: ImageInput,
  preprocessing: Preprocessing,
  options: DecodeOptions = {},
): Promise<Uint8Array> {
  return decodeImage(input, options).then((image) => cropImage(image, preprocessing));
}
