/** A threshold for Gram distances, from how far apart different real photos are. */
import { checkFields } from '../../arguments.js';
import { checkImageInput, type ImageInput } from '../../data/image-input.js';
import { claimStreams } from '../../data/image-streams.js';
import { DeepcodeError, invalidArgument } from '../../errors.js';
import { quantile } from '../../metrics/bootstrap.js';
import { createRandom } from '../../metrics/random.js';
import { integer, real, resolveOptions, type Given } from '../../options.js';
import { histogram } from '../../plots/histogram.js';
import type { GramComparer } from './gram-comparer.js';

/**
 * The median is the default: a generated image beyond it is farther from its photo than photos of two people mostly are
 * from each other, so it has taken over less than chance.
 */
export const CALIBRATION_OPTIONS = {
  samples: integer({ default: 100, min: 2, max: 1000, help: 'photos that are drawn from the folder; all pairs are compared' }),
  quantile: real({ default: 0.5, min: 0, max: 1, help: 'share of the pairs that is nearer than the threshold' }),
  seed: integer({ default: 0, min: 0, max: 0xffff_ffff, help: 'seed of the draw' }),
} as const;

export type GramCalibrationOptions = Given<typeof CALIBRATION_OPTIONS> & {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (done: number, total: number) => void;
};

export interface GramCalibration {
  /** The proposal: the quantile that was asked for. */
  readonly threshold: number;
  readonly quantile: number;
  /** Photos that were read, and those that could not be. */
  readonly images: number;
  readonly failed: readonly { readonly image: ImageInput; readonly error: DeepcodeError }[];
  /** Of every pair of photos, ascending. */
  readonly distances: readonly number[];
}

/** `count` of the images in a random order (Fisher and Yates). */
function draw<T>(images: readonly T[], count: number, seed: number): T[] {
  const random = createRandom(seed);
  const rest = [...images];
  for (let i = 0; i < Math.min(count, rest.length); i++) {
    const j = i + random.below(rest.length - i);
    [rest[i], rest[j]] = [rest[j]!, rest[i]!];
  }
  return rest.slice(0, count);
}

async function readGrams(comparer: GramComparer, images: readonly ImageInput[], options: GramCalibrationOptions) {
  const grams: Float32Array[] = [];
  const failed: { image: ImageInput; error: DeepcodeError }[] = [];
  for (const [i, image] of images.entries()) {
    try {
      grams.push(await comparer.grams(image, { signal: options.signal }));
    } catch (error) {
      if (!(error instanceof DeepcodeError) || !/^ERR_(IMAGE|IO)$/.test(error.code)) throw error;
      failed.push({ image, error });
    }
    options.onProgress?.(i + 1, images.length);
  }
  return { grams, failed };
}

/** Each matrix with those after it; at most `AT_ONCE` of them are copied together. */
const AT_ONCE = 64;

async function pairDistances(comparer: GramComparer, grams: readonly Float32Array[], signal: AbortSignal | undefined): Promise<number[]> {
  const distances: number[] = [];
  for (const [i, gram] of grams.entries()) {
    for (let start = i + 1; start < grams.length; start += AT_ONCE) {
      const results = await comparer.gramDistances(gram, grams.slice(start, start + AT_ONCE), { signal });
      distances.push(...results.map(({ distance }) => distance));
    }
  }
  return distances.sort((a, b) => a - b);
}

/**
 * Proposes a threshold.
 *
 * @param comparer with the layers, weights and size that the threshold is for
 * @param images real photos, of different people
 * @throws TypeError, RangeError for wrong arguments
 * @returns rejects with ERR_IMAGE when fewer than two photos can be read, else as `comparer.distance`
 */
export function calibrateGram(
  comparer: GramComparer,
  images: readonly ImageInput[],
  options: GramCalibrationOptions = {},
): Promise<GramCalibration> {
  if (!Array.isArray(images)) throw invalidArgument('images', 'an array of images', images);
  images.forEach((image) => checkImageInput(image));
  const resolved = resolveOptions(CALIBRATION_OPTIONS, options);
  return calibrate(comparer, images, options, resolved).finally(claimStreams(images));
}

async function calibrate(
  comparer: GramComparer,
  images: readonly ImageInput[],
  options: GramCalibrationOptions,
  resolved: { samples: number; quantile: number; seed: number },
): Promise<GramCalibration> {
  const { grams, failed } = await readGrams(comparer, draw(images, resolved.samples, resolved.seed), options);
  if (grams.length < 2) throw new DeepcodeError('ERR_IMAGE', `A threshold needs at least 2 photos but only ${grams.length} could be read.`);
  const distances = await pairDistances(comparer, grams, options.signal);
  const threshold = quantile(distances, resolved.quantile);
  return { threshold, quantile: resolved.quantile, images: grams.length, failed, distances };
}

/** The distances as a standalone SVG document, with the threshold. @throws TypeError for what is no calibration */
export function calibrationPlot(calibration: GramCalibration): string {
  checkFields('calibration', calibration, { distances: 'numbers', threshold: 'number', quantile: 'number', images: 'number' });
  const { distances, threshold, quantile: share, images } = calibration;
  return histogram({
    title: 'Gram distances between real photos',
    subtitle: `${distances.length} pairs of ${images} photos`,
    groups: [{ name: 'real to real', values: distances }],
    xLabel: 'Gram distance',
    marks: [{ x: threshold, label: `threshold ${threshold.toPrecision(4)} (quantile ${share})` }],
  });
}
