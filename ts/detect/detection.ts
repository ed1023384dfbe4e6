/** What a detector says of an image, and the options of asking it. */
import { DeepcodeError, invalidArgument, outOfRange } from '../errors.js';
import { choice, flag, integer, type Given } from '../options.js';
import { sigmoid } from '../metrics/log-loss.js';

/** Options of loading a detector, besides device, dtype and threads. */
export const DETECTOR_OPTIONS = {
  batchSize: integer({ default: 8, min: 1, max: 1024, help: 'images in one forward pass' }),
  tta: choice({
    choices: ['auto', 'none', 'flip'],
    default: 'auto',
    help: "test-time augmentation; flip: a score is the mean of an image's and its mirror image's, at twice the work; auto: what the detector was calibrated with",
  }),
} as const;

/** Options of one call. */
export const DETECT_OPTIONS = {
  features: flag({ help: 'return what the head of the network reads, too' }),
} as const;

/** Scores with from <= P(fake) < to are called unsure; 0 <= from <= to <= 1. Equal ends: none are. */
export interface UnsureBand {
  readonly from: number;
  readonly to: number;
}

export type DetectOptions = Given<typeof DETECT_OPTIONS> & {
  /** Images in one forward pass, 1 to 1024; for many images. Default: that of the detector. */
  batchSize?: number | undefined;
  /** Default: that of the detector. */
  unsureBand?: UnsureBand | undefined;
  signal?: AbortSignal | undefined;
};

export type Label = 'real' | 'fake' | 'unsure';

export interface Detection {
  label: Label;
  /** Calibrated P(fake), 0 to 1. */
  score: number;
  /** The network's two outputs, before calibration. */
  logits: readonly [real: number, fake: number];
  /** One number a feature; with `features: true`. */
  features?: Float32Array;
}

/** How logits become a label. */
export interface Decision {
  /** P(fake) = sigmoid((fake - real) / temperature). */
  temperature: number;
  unsureBand: UnsureBand;
}

/** Throws TypeError or RangeError unless `band` is 0 <= from <= to <= 1. */
export function checkUnsureBand(band: unknown): UnsureBand {
  const { from, to } = (band ?? {}) as Partial<UnsureBand>;
  if (typeof from !== 'number' || typeof to !== 'number') {
    throw invalidArgument('unsureBand', '{ from, to } with two numbers', band);
  }
  if (!(from >= 0 && from <= 1)) throw outOfRange('unsureBand.from', 'a number from 0 to 1', from);
  if (!(to >= from && to <= 1)) throw outOfRange('unsureBand.to', `a number from ${from} to 1`, to);
  return { from, to };
}

/** From the network's row for one image. ERR_NONFINITE: a score is never NaN. */
export function toDetection(
  logits: ArrayLike<number>,
  { temperature, unsureBand }: Decision,
): Detection {
  const [real, fake] = [logits[0]!, logits[1]!];
  const score = sigmoid((fake - real) / temperature);
  if (!Number.isFinite(score)) {
    throw new DeepcodeError('ERR_NONFINITE', 'The score is not a finite number. Try dtype fp32.');
  }
  const label = score < unsureBand.from ? 'real' : score < unsureBand.to ? 'unsure' : 'fake';
  return { label, score, logits: [real, fake] };
}
