/**
 * Random changes of training images. Every number is drawn here, from the seed of one image in one epoch, so
 * that any sample can be made again without state; the pixels are changed natively, and by sharp for JPEG.
 */
import { invalidArgument, outOfRange } from '../errors.js';
import { createRandom, type RandomSource } from '../metrics/random.js';
import { callNative } from '../native.js';
import type { ImageFilter, ImageStep } from '../native/bindings.js';
import { between, normal, type Range } from './draw.js';
import { throughJpeg, type JpegGeneration } from './jpeg-generation.js';
import { cropImage, planCrop, type Preprocessing } from './preprocess.js';
import { checkRgbImage, type RgbImage } from './rgb-image.js';

/** A change with its probability and the range that its strength is drawn from, evenly. */
interface Change {
  readonly probability: number;
  readonly range: Range;
}

/** Gains whose logarithms are normal, with this standard deviation, and clipped to the range. */
interface GainChange {
  readonly probability: number;
  readonly deviation: number;
  readonly range: Range;
}

export interface AugmentationPolicy {
  /** Probability of mirroring. */
  readonly flip: number;
  /** Side of the random crop, as a share of the part that the evaluation crop sees. */
  readonly scale: Range;
  /** Width over height of that part, as a factor. */
  readonly aspect: Range;
  /** How far its centre moves from the middle of the image, at most, as a share of its side; Infinity: anywhere. */
  readonly shift: number;
  /** Factor; 1 changes nothing. */
  readonly brightness: Change;
  readonly contrast: Change;
  readonly saturation: Change;
  /** Turns of the colour circle. */
  readonly hue: Change;
  /** Standard deviation in pixels of the network's input. */
  readonly blur: Change;
  /** Shrink to this share of the size, then back. */
  readonly resize: Change;
  /** Unsharp mask: the share of the difference from a blur of 0.6 to 1.5 pixels that is added. */
  readonly sharpen: Change;
  /**
   * Gains of five bands of luma detail (between blurs of 0, 0.5, 1, 2, 4 and 8 pixels), each its own, and one
   * of colour detail. The energy of a band points opposite ways for different generators; this keeps a
   * detector from reading nothing else.
   */
  readonly bands: GainChange;
  /** Standard deviation in grey levels. */
  readonly noise: Change;
  /** JPEG quality, 1 to 100. */
  readonly jpeg: Change;
}

const NEVER = { probability: 0, range: [0, 0] } as const;
const SHARPEN_SIGMA: Range = [0.6, 1.5];
const LUMA_BANDS = 5;

export const AUGMENTATIONS = {
  flip: {
    flip: 0.5,
    scale: [1, 1],
    aspect: [1, 1],
    shift: 0,
    brightness: NEVER,
    contrast: NEVER,
    saturation: NEVER,
    hue: NEVER,
    blur: NEVER,
    resize: NEVER,
    sharpen: NEVER,
    bands: { ...NEVER, deviation: 0 },
    noise: NEVER,
    jpeg: NEVER,
  },
  light: {
    flip: 0.5,
    scale: [0.94, 1.06],
    aspect: [0.97, 1.03],
    shift: 0.05,
    brightness: { probability: 0.2, range: [0.9, 1.1] },
    contrast: { probability: 0.2, range: [0.9, 1.1] },
    saturation: { probability: 0.2, range: [0.9, 1.1] },
    hue: NEVER,
    blur: { probability: 0.1, range: [0.3, 0.8] },
    resize: { probability: 0.1, range: [0.7, 1] },
    sharpen: NEVER,
    bands: { ...NEVER, deviation: 0 },
    noise: NEVER,
    jpeg: { probability: 0.2, range: [75, 96] },
  },
  basic: {
    flip: 0.5,
    scale: [0.85, 1.1],
    aspect: [0.95, 1.05],
    shift: Infinity,
    brightness: { probability: 0.4, range: [0.8, 1.2] },
    contrast: { probability: 0.4, range: [0.8, 1.2] },
    saturation: { probability: 0.4, range: [0.8, 1.2] },
    hue: { probability: 0.2, range: [-0.02, 0.02] },
    blur: { probability: 0.15, range: [0.3, 1.2] },
    resize: { probability: 0.2, range: [0.5, 1] },
    sharpen: { probability: 0.1, range: [0.2, 0.8] },
    bands: { ...NEVER, deviation: 0 },
    noise: NEVER,
    jpeg: { probability: 0.4, range: [60, 96] },
  },
  strong: {
    flip: 0.5,
    scale: [0.65, 1.1],
    aspect: [0.85, 1.18],
    shift: Infinity,
    brightness: { probability: 0.6, range: [0.6, 1.4] },
    contrast: { probability: 0.6, range: [0.6, 1.4] },
    saturation: { probability: 0.6, range: [0.4, 1.6] },
    hue: { probability: 0.4, range: [-0.05, 0.05] },
    blur: { probability: 0.3, range: [0.3, 2.5] },
    resize: { probability: 0.4, range: [0.3, 1] },
    sharpen: { probability: 0.15, range: [0.2, 1] },
    bands: { probability: 0.5, deviation: 0.2, range: [-1.2, 0.9] },
    noise: { probability: 0.3, range: [1, 10] },
    jpeg: { probability: 0.6, range: [35, 96] },
  },
} as const satisfies Record<string, AugmentationPolicy>;

export const AUGMENTATION_NAMES = ['none', 'flip', 'light', 'basic', 'strong'] as const;
export type AugmentationName = (typeof AUGMENTATION_NAMES)[number];

/** The policy called `name`; undefined for "none". Throws TypeError for another name. */
export function augmentationPolicy(name: string): AugmentationPolicy | undefined {
  if (name === 'none') return undefined;
  if (typeof name === 'string' && Object.hasOwn(AUGMENTATIONS, name)) return AUGMENTATIONS[name as keyof typeof AUGMENTATIONS];
  throw invalidArgument('augment', `one of ${AUGMENTATION_NAMES.join(', ')}`, name);
}

/** The part of the image that becomes the network's input, in pixels; inside the image. */
export interface CropBox {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** All that is random about one training image. */
export interface AugmentationPlan {
  /** Null: the evaluation crop. Always so where `cropMode` is border. */
  box: CropBox | null;
  steps: ImageStep[];
  /** Quality and chroma subsampling of a JPEG generation at the end, or null. */
  jpeg: JpegGeneration | null;
}

/**
 * The strength of a change, or undefined for none. Always draws twice, so that changing the probability of
 * one change leaves the others as they were.
 */
function draw(random: RandomSource, { probability, range }: Change): number | undefined {
  const happens = random.uniform() < probability;
  const strength = between(random, range);
  return happens ? strength : undefined;
}

/** Where a side begins that leaves `room` beside it: evenly, and at most `shift` from the middle. */
function place(random: RandomSource, room: number, shift: number): number {
  const reach = Math.min(room / 2, shift);
  return room / 2 + (2 * random.uniform() - 1) * reach;
}

const isPoint = ([low, high]: Range, value: number): boolean => low === value && high === value;

/**
 * Whether every crop is the one that evaluation takes, pixel for pixel: by the policy, or because an image with a border
 * is seen whole, and a part of it would be stretched.
 */
function keepsCrop({ scale, aspect, shift }: AugmentationPolicy, { cropMode }: Preprocessing): boolean {
  return cropMode === 'border' || (isPoint(scale, 1) && isPoint(aspect, 1) && shift === 0);
}

function drawBox(random: RandomSource, policy: AugmentationPolicy, image: RgbImage, target: Preprocessing): CropBox | null {
  const plan = planCrop(image.width, image.height, target);
  const scale = between(random, policy.scale);
  const aspect = Math.sqrt(between(random, policy.aspect));
  const seen = [
    Math.min(1, plan.crop.width / plan.width) * image.width,
    Math.min(1, plan.crop.height / plan.height) * image.height,
  ] as const;
  const width = Math.min(image.width, seen[0] * scale * aspect);
  const height = Math.min(image.height, (seen[1] * scale) / aspect);
  const left = place(random, image.width - width, policy.shift * width);
  const top = place(random, image.height - height, policy.shift * height);
  if (keepsCrop(policy, target)) return null;
  return { left, top, right: Math.min(image.width, left + width), bottom: Math.min(image.height, top + height) };
}

const RESIZE_FILTERS: readonly ImageFilter[] = ['bilinear', 'bicubic', 'lanczos', 'box'];

function resizeSteps(random: RandomSource, change: Change, width: number, height: number): ImageStep[] {
  const share = draw(random, change);
  const [down, up] = [RESIZE_FILTERS[random.below(4)]!, RESIZE_FILTERS[random.below(3)]!];
  if (share === undefined) return [];
  const small = { width: Math.max(1, Math.round(width * share)), height: Math.max(1, Math.round(height * share)) };
  return [
    { op: 'resize', ...small, filter: down },
    { op: 'resize', width, height, filter: up },
  ];
}

function colourSteps(random: RandomSource, policy: AugmentationPolicy): ImageStep[] {
  return (['brightness', 'contrast', 'saturation', 'hue'] as const).flatMap((op) => {
    const factor = draw(random, policy[op]);
    return factor === undefined ? [] : [{ op, factor }];
  });
}

function blurSteps(random: RandomSource, change: Change): ImageStep[] {
  const sigma = draw(random, change);
  // Three standard deviations on either side hold 99.7 % of the kernel.
  return sigma === undefined ? [] : [{ op: 'blur', kernelSize: 2 * Math.ceil(3 * sigma) + 1, sigma }];
}

function noiseSteps(random: RandomSource, change: Change): ImageStep[] {
  const sigma = draw(random, change);
  const seed = random.below(2 ** 32);
  return sigma === undefined ? [] : [{ op: 'noise', sigma, seed }];
}

function sharpenSteps(random: RandomSource, change: Change): ImageStep[] {
  const amount = draw(random, change);
  const sigma = between(random, SHARPEN_SIGMA);
  return amount === undefined ? [] : [{ op: 'sharpen', sigma, amount }];
}

function bandSteps(random: RandomSource, { probability, deviation, range: [low, high] }: GainChange): ImageStep[] {
  const happens = random.uniform() < probability;
  const gain = (): number => Math.exp(Math.min(high, Math.max(low, deviation * normal(random))));
  const luma = Array.from({ length: LUMA_BANDS }, gain);
  const chroma = gain();
  return happens ? [{ op: 'bands', luma, chroma }] : [];
}

/** Draws what happens to `image` on its way to the network's input. @param seed 0 to 2^32 - 1 */
export function planAugmentation(
  policy: AugmentationPolicy,
  image: RgbImage,
  target: Preprocessing,
  seed: number,
): AugmentationPlan {
  const random = createRandom(seed);
  const [, height, width] = target.inputSize;
  const box = drawBox(random, policy, image, target);
  const flip: ImageStep[] = random.uniform() < policy.flip ? [{ op: 'flip' }] : [];
  const steps = [
    ...flip,
    ...colourSteps(random, policy),
    ...blurSteps(random, policy.blur),
    ...resizeSteps(random, policy.resize, width, height),
    ...sharpenSteps(random, policy.sharpen),
    ...bandSteps(random, policy.bands),
    ...noiseSteps(random, policy.noise),
  ];
  const quality = draw(random, policy.jpeg);
  const chromaSubsampling = random.uniform() < 0.5 ? '4:2:0' : '4:4:4';
  return { box, steps, jpeg: quality === undefined ? null : { quality: Math.round(quality), chromaSubsampling } };
}

/** The part of the image that the plan names, at the size of the network's input. */
async function cropOf(image: RgbImage, box: CropBox | null, target: Preprocessing): Promise<RgbImage> {
  const [, height, width] = target.inputSize;
  if (box === null) return { data: await cropImage(image, target), width, height };
  const window = { left: 0, top: 0, width, height };
  const source = { sourceWidth: image.width, sourceHeight: image.height, channels: 3 };
  const resample = { ...source, filter: target.interpolation, width, height, box, window };
  return callNative(undefined, (addon) => addon.imageResample(image.data, resample));
}

/** Carries out a plan: inputSize height x width x 3 bytes. */
export async function applyAugmentation(
  image: RgbImage,
  plan: AugmentationPlan,
  target: Preprocessing,
): Promise<Uint8Array> {
  const [, height, width] = target.inputSize;
  let result = await cropOf(image, plan.box, target);
  if (plan.steps.length > 0) {
    const { data } = result;
    const steps = { sourceWidth: width, sourceHeight: height, steps: plan.steps };
    result = await callNative(undefined, (addon) => addon.imageAugment(data, steps));
  }
  return plan.jpeg === null ? result.data : throughJpeg(result, plan.jpeg);
}

/**
 * The network's input for training: augmented where there is a policy, else the evaluation crop.
 *
 * @param seed 0 to 2^32 - 1; null: no augmentation
 * @throws TypeError for what is no image, RangeError for the seed
 */
export function augmentedCrop(
  image: RgbImage,
  target: Preprocessing,
  policy: AugmentationPolicy | undefined,
  seed: number | null,
): Promise<Uint8Array> {
  checkRgbImage(image);
  if (seed !== null && !(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32)) {
    throw outOfRange('seed', 'an integer from 0 to 4294967295', seed);
  }
  if (policy === undefined || seed === null) return cropImage(image, target);
  return applyAugmentation(image, planAugmentation(policy, image, target, seed), target);
}
