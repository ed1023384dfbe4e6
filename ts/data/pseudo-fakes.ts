/**
 * Fakes made from real photos alone, after the idea of Shiohara & Yamasaki 2022, "Detecting Deepfakes with
 * Self-Blended Images": a detector that learns from them cannot lean on what one generator happens to do, and
 * every collection of real faces becomes training data for both classes.
 */
import { invalidArgument } from '../errors.js';
import { createRandom, type RandomSource } from '../metrics/random.js';
import { callNative } from '../native.js';
import type { ImageStep, UpsamplingLevel } from '../native/image-steps.js';
import { between, normal, oneOf } from './draw.js';
import { throughJpeg, type JpegGeneration } from './jpeg-generation.js';
import { checkRgbImage, type RgbImage } from './rgb-image.js';

/**
 * - smooth: faint detail removed, edges kept, sharpened again
 * - upsample: shrunk to 1/2, 1/4 or 1/8 and grown again by repeated doubling
 * - texture: fine detail replaced by noise of the same local energy
 * - blend: the photo blended into itself with other colours, sharpness and geometry
 */
export const PSEUDO_FAKE_KINDS = ['smooth', 'upsample', 'texture', 'blend'] as const;
export type PseudoFakeKind = (typeof PSEUDO_FAKE_KINDS)[number];

/** Larger photos are shrunk to this many pixels on their longer side first. */
const LARGEST_SIDE = 512;
/** Sizes to work at; the way back shrinks the traces as a pipeline that resizes its output would. */
const WORK_SCALES = [1, 1, 1.5, 2];
const SHRINK_FILTERS = ['bilinear', 'bicubic', 'lanczos', 'box'] as const;
const MASK_PROBABILITY = 0.4;
/** Photos come as JPEG files and so have a generation more than a picture made from them. */
const JPEG_PROBABILITY = 0.5;
const JPEG: JpegGeneration = { quality: 90, chromaSubsampling: '4:2:0' };

interface Size {
  width: number;
  height: number;
}

export interface PseudoFakePlan {
  kind: PseudoFakeKind;
  steps: ImageStep[];
  jpeg: JpegGeneration | null;
}

/** Kinds by comma. Throws TypeError for none, or one that does not exist. */
export function parsePseudoFakeKinds(text: string): PseudoFakeKind[] {
  const names = text.split(',').map((name) => name.trim());
  const kinds = PSEUDO_FAKE_KINDS.filter((kind) => names.includes(kind));
  if (kinds.length === names.length) return kinds;
  throw invalidArgument('pseudoFakeKinds', `different names of ${PSEUDO_FAKE_KINDS.join(', ')}, by comma`, text);
}

const scaled = ({ width, height }: Size, factor: number): Size => ({
  width: Math.max(1, Math.round(width * factor)),
  height: Math.max(1, Math.round(height * factor)),
});

/** A change of the whole picture, or under soft random blobs. */
function sometimesMasked(random: RandomSource, steps: ImageStep[]): ImageStep[] {
  if (random.uniform() >= MASK_PROBABILITY) return steps;
  const mask = { kind: 'random', cells: 2 + random.below(5), seed: random.below(2 ** 32) } as const;
  return [{ op: 'masked', mask, steps }];
}

function smoothing(random: RandomSource): ImageStep {
  switch (random.below(3)) {
    case 0:
      return { op: 'bilateral', sigma: between(random, [1.5, 4]), tolerance: between(random, [10, 40]) };
    case 1:
      return { op: 'median', size: oneOf(random, [3, 5]) };
    default:
      return { op: 'removeWeakDetail', sigma: between(random, [0.8, 2]), threshold: between(random, [2, 8]) };
  }
}

function smooth(random: RandomSource): ImageStep[] {
  const amount = between(random, [0.3, 1.5]);
  const sharpen: ImageStep = { op: 'sharpen', sigma: between(random, [0.7, 2]), amount };
  return sometimesMasked(random, [smoothing(random), sharpen]);
}

/** Doubling with nearest, bilinear and bicubic (a = -0.5) interpolation, as transposed convolutions. */
const NEAREST = [1, 1];
const BILINEAR = [0.25, 0.75, 0.75, 0.25];
const BICUBIC = [-0.0234375, -0.0703125, 0.2265625, 0.8671875, 0.8671875, 0.2265625, -0.0703125, -0.0234375];
const UNEVENNESS = 0.06;
const ZERO_INSERTION_UNEVENNESS = 0.15;

/** Scales the taps of each of `phases` interleaved kernels to their share of 2. */
function normalized(taps: readonly number[], phases: 1 | 2): number[] {
  const sums = Array.from({ length: phases }, (_, p) =>
    taps.reduce((sum, tap, i) => (i % phases === p ? sum + tap : sum), 0),
  );
  return taps.map((tap, i) => (tap * 2) / (phases * sums[i % phases]!));
}

/** One doubling. Only zero insertion may have even and odd pixels of unequal brightness: a checkerboard. */
function upsamplingLevel(random: RandomSource): UpsamplingLevel {
  const base = oneOf(random, [NEAREST, BILINEAR, BICUBIC, null]);
  const spread = base ? UNEVENNESS : ZERO_INSERTION_UNEVENNESS;
  const taps = (base ?? BILINEAR).map((tap) => tap * (1 + spread * normal(random)));
  return { taps: normalized(taps, base ? 2 : 1) };
}

const upsamplingLevels = (random: RandomSource, count: number): UpsamplingLevel[] =>
  Array.from({ length: count }, () => upsamplingLevel(random));

function upsample(random: RandomSource): ImageStep[] {
  const levels = upsamplingLevels(random, oneOf(random, [1, 1, 2, 3]));
  return sometimesMasked(random, [{ op: 'upsampling', levels, keep: between(random, [0, 0.6]) }]);
}

function texture(random: RandomSource): ImageStep[] {
  const levels = upsamplingLevels(random, 1 + random.below(3));
  return [
    {
      op: 'texture',
      levels,
      grain: levels.map(() => between(random, [0, 0.3])),
      common: random.uniform(),
      noiseSigma: between(random, [1.5, 4]),
      detailSigma: between(random, [0.7, 1.5]),
      keep: between(random, [0, 0.7]),
      amount: between(random, [0.3, 1.2]),
      seed: random.below(2 ** 32),
    },
  ];
}

/** Less or more detail than the rest of the picture. */
function otherSharpness(random: RandomSource, size: Size): ImageStep[] {
  switch (random.below(3)) {
    case 0: {
      const sigma = between(random, [0.4, 1.2]);
      return [{ op: 'blur', kernelSize: 2 * Math.ceil(3 * sigma) + 1, sigma }];
    }
    case 1:
      return [{ op: 'sharpen', sigma: 1, amount: between(random, [0.3, 1.2]) }];
    default:
      return [
        { op: 'resize', ...scaled(size, between(random, [0.4, 0.9])), filter: 'box' },
        { op: 'resize', ...size, filter: 'bicubic' },
      ];
  }
}

function blend(random: RandomSource, size: Size): ImageStep[] {
  const around = (center: number, reach: number): number => between(random, [center - reach, center + reach]);
  const three = (center: number, reach: number): number[] => [0, 0, 0].map(() => around(center, reach));
  const shift = 1 / 64; // of the side: 4 pixels of 256
  const changed: ImageStep[] = [
    { op: 'channels', gains: three(1, 0.1), offsets: three(0, 12) },
    ...otherSharpness(random, size),
    {
      op: 'warp',
      matrix: [
        ...[around(1, 0.03), around(0, 0.02), around(0, shift * size.width)],
        ...[around(0, 0.02), around(1, 0.03), around(0, shift * size.height)],
      ],
    },
  ];
  const mask = {
    kind: 'ellipse',
    centerX: between(random, [0.42, 0.58]),
    centerY: between(random, [0.45, 0.65]),
    radiusX: between(random, [0.18, 0.4]),
    radiusY: between(random, [0.22, 0.42]),
    steepness: between(random, [4, 16]),
    opacity: oneOf(random, [0.5, 0.75, 1, 1]),
  } as const;
  return [{ op: 'masked', mask, steps: changed }];
}

const PLANS = { smooth, upsample, texture, blend } as const;

/**
 * Draws how a photo becomes a pseudo-fake.
 *
 * @param seed 0 to 2^32 - 1
 * @param kinds at least one, each equally likely
 */
export function planPseudoFake(
  { width, height }: Size,
  seed: number,
  kinds: readonly PseudoFakeKind[] = PSEUDO_FAKE_KINDS,
): PseudoFakePlan {
  const random = createRandom(seed);
  const kind = oneOf(random, kinds);
  const larger = Math.max(width, height) / LARGEST_SIDE;
  const size = larger > 1 ? scaled({ width, height }, 1 / larger) : { width, height };
  const workScale = oneOf(random, WORK_SCALES);
  const workSize = scaled(size, workScale);
  const back = oneOf(random, SHRINK_FILTERS);
  const jpeg = random.uniform() < JPEG_PROBABILITY ? JPEG : null;
  const resizes = larger > 1 || workScale > 1;
  const steps: ImageStep[] = [
    ...(resizes ? [{ op: 'resize', ...workSize, filter: 'bicubic' } as const] : []),
    ...PLANS[kind](random, workSize),
    ...(workScale > 1 ? [{ op: 'resize', ...size, filter: back } as const] : []),
  ];
  return { kind, steps, jpeg };
}

async function carryOut({ steps, jpeg }: PseudoFakePlan, image: RgbImage): Promise<RgbImage> {
  const options = { sourceWidth: image.width, sourceHeight: image.height, steps };
  const made: RgbImage = await callNative(undefined, (addon) => addon.imageAugment(image.data, options));
  return jpeg === null ? made : { ...made, data: await throughJpeg(made, jpeg) };
}

/**
 * A pseudo-fake of a photo, at most 512 pixels on its longer side; a function of image, seed and kinds.
 *
 * @param seed 0 to 2^32 - 1
 * @param kinds at least one. Default: all
 * @throws TypeError for what is no image or no kind, RangeError for the seed
 */
export function makePseudoFake(
  image: RgbImage,
  seed: number,
  kinds: readonly PseudoFakeKind[] = PSEUDO_FAKE_KINDS,
): Promise<RgbImage> {
  checkRgbImage(image);
  if (!Array.isArray(kinds)) throw invalidArgument('kinds', 'an array', kinds);
  return carryOut(planPseudoFake(image, seed, parsePseudoFakeKinds(kinds.join(','))), image);
}
