import { checkKind } from '../arguments.js';
import { DeepcodeError, outOfRange } from '../errors.js';
import { createRandom, type RandomSource } from './random.js';
import { checkScoredSet, type ScoredSet } from './scored-set.js';

export interface BootstrapOptions {
  /** Number of resamples, 100 to 100,000. Default 1000. */
  resamples?: number;
  /** Two-sided coverage, above 0 and below 1. Default 0.95. */
  confidence?: number;
  /** A whole number from 0 to 2^32 - 1; the same seed gives the same interval. Default 0. */
  seed?: number;
}

/** A percentile interval around a metric. */
export interface ConfidenceInterval {
  estimate: number;
  lower: number;
  upper: number;
  confidence: number;
}

const DEFAULTS = { resamples: 1000, confidence: 0.95, seed: 0 };

function checkOptions({ resamples, confidence }: Required<BootstrapOptions>): void {
  if (!Number.isInteger(resamples) || resamples < 100 || resamples > 100_000) {
    throw outOfRange('resamples', 'a whole number from 100 to 100000', resamples);
  }
  if (!(confidence > 0 && confidence < 1))
    throw outOfRange('confidence', 'a number between 0 and 1', confidence);
}

function indicesByClass(labels: ArrayLike<number>): number[][] {
  const classes: number[][] = [[], []];
  for (let i = 0; i < labels.length; i++) classes[labels[i]!]!.push(i);
  return classes.filter((members) => members.length > 0);
}

function resample(set: ScoredSet, classes: number[][], random: RandomSource): ScoredSet {
  const scores = new Float64Array(set.scores.length);
  const labels = new Uint8Array(set.scores.length);
  let at = 0;
  for (const members of classes) {
    for (let k = 0; k < members.length; k++, at++) {
      const picked = members[random.below(members.length)]!;
      scores[at] = set.scores[picked]!;
      labels[at] = set.labels[picked]!;
    }
  }
  return { scores, labels };
}

/**
 * The q-quantile of sorted values with linear interpolation (Hyndman & Fan 1996, type 7: NumPy's
 * default).
 */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  const position = q * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below]!;
  return low + (position - below) * (sorted[Math.min(below + 1, sorted.length - 1)]! - low);
}

/**
 * A confidence interval by the percentile bootstrap (Efron & Tibshirani 1993, section 13.3). Real
 * and fake samples are drawn apart, each in its own number, so that no resample lacks a class. Null
 * when the metric is null on these samples.
 *
 * @param metric for instance `rocAuc`, or `(s) => accuracy(s, 0.5)`
 * @throws TypeError for what is no set or no function; DeepcodeError ERR_SHAPE, ERR_NONFINITE (also
 *   for a metric that returns NaN); RangeError for options out of range.
 */
export function bootstrapInterval(
  set: ScoredSet,
  metric: (set: ScoredSet) => number | null,
  options: BootstrapOptions = {},
): ConfidenceInterval | null {
  const settings = { ...DEFAULTS, ...options };
  checkOptions(settings);
  checkScoredSet(set);
  checkKind('metric', 'function', metric);
  const estimate = metric(set);
  if (estimate === null) return null;
  const classes = indicesByClass(set.labels);
  const random = createRandom(settings.seed);
  const values = Float64Array.from({ length: settings.resamples }, () => {
    return metric(resample(set, classes, random)) ?? NaN;
  }).sort();
  if (!values.every(Number.isFinite) || !Number.isFinite(estimate)) {
    throw new DeepcodeError(
      'ERR_NONFINITE',
      'The metric was not a finite number on a resample; no interval can be given.',
    );
  }
  const tail = (1 - settings.confidence) / 2;
  return {
    estimate,
    lower: quantile(values, tail),
    upper: quantile(values, 1 - tail),
    confidence: settings.confidence,
  };
}
