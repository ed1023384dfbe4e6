// Does P(fake) = 0.8 mean that 80 of 100 such photos are fake?

import { checkKind } from '../arguments.js';
import { outOfRange } from '../errors.js';
import { checkProbabilities, type ScoredSet } from './scored-set.js';

/**
 * - `confidence` (default): Guo et al. 2017, "On Calibration of Modern Neural Networks", eq. 3. A
 *   sample's confidence max(p, 1 - p) is compared with whether "fake when p >= 0.5" was right.
 * - `positive`: P(fake) itself is compared with the share of fakes; what a reliability diagram of a
 *   two-class detector shows.
 */
export type CalibrationVariant = 'confidence' | 'positive';

export interface CalibrationOptions {
  /**
   * Equal-width bins over [0, 1], each open on the left: ((m - 1) / bins, m / bins]. 1 to 1000.
   * Default 15.
   */
  bins?: number;
  /** Default 'confidence'. */
  variant?: CalibrationVariant;
}

/** One bin of a reliability diagram. Means are null in an empty bin. */
export interface ReliabilityBin {
  lower: number;
  upper: number;
  count: number;
  /** Mean predicted probability (or confidence), 0 to 1. */
  meanPredicted: number | null;
  /** Share of fakes (or of right decisions), 0 to 1. */
  observed: number | null;
}

export const DEFAULT_CALIBRATION_BINS = 15;

function checkBins(bins: number): void {
  if (!Number.isInteger(bins) || bins < 1 || bins > 1000)
    throw outOfRange('bins', 'a whole number from 1 to 1000', bins);
}

function outcome(
  score: number,
  label: number,
  variant: CalibrationVariant,
): [predicted: number, hit: number] {
  if (variant === 'positive') return [score, label];
  const decision = score >= 0.5 ? 1 : 0;
  return [Math.max(score, 1 - score), decision === label ? 1 : 0];
}

function binIndex(predicted: number, bins: number): number {
  // Bins are ((m - 1) / bins, m / bins]; 0 belongs to the first.
  let index = Math.min(bins - 1, Math.max(0, Math.ceil(predicted * bins) - 1));
  if (index > 0 && predicted <= index / bins) index--;
  else if (predicted > (index + 1) / bins) index++;
  return index;
}

/**
 * Bins of a reliability diagram, lowest first, empty ones included.
 *
 * @throws TypeError for what is no set; DeepcodeError ERR_SHAPE, ERR_NONFINITE; RangeError for scores
 *   outside [0, 1] or bad bins.
 */
export function reliabilityBins(
  set: ScoredSet,
  options: CalibrationOptions = {},
): ReliabilityBin[] {
  checkKind('options', 'object', options);
  const { bins = DEFAULT_CALIBRATION_BINS, variant = 'confidence' } = options;
  checkBins(bins);
  checkProbabilities(set);
  const sums = Array.from({ length: bins }, () => ({ count: 0, predicted: 0, hits: 0 }));
  for (let i = 0; i < set.scores.length; i++) {
    const [predicted, hit] = outcome(set.scores[i]!, set.labels[i]!, variant);
    const sum = sums[binIndex(predicted, bins)]!;
    sum.count++;
    sum.predicted += predicted;
    sum.hits += hit;
  }
  return sums.map(({ count, predicted, hits }, i) => ({
    lower: i / bins,
    upper: (i + 1) / bins,
    count,
    meanPredicted: count === 0 ? null : predicted / count,
    observed: count === 0 ? null : hits / count,
  }));
}

/**
 * Expected calibration error, 0 to 1 (Guo et al. 2017, eq. 3): the gap between prediction and
 * outcome, averaged over 15 equal-width bins by how many samples each holds. The variant is
 * top-label confidence unless `options.variant` says otherwise. Errors as {@link reliabilityBins}.
 */
export function expectedCalibrationError(set: ScoredSet, options: CalibrationOptions = {}): number {
  let sum = 0;
  for (const { count, meanPredicted, observed } of reliabilityBins(set, options)) {
    if (count > 0) sum += count * Math.abs(meanPredicted! - observed!);
  }
  return sum / set.scores.length;
}

/**
 * Brier score, 0 (best) to 1: the mean of (P(fake) - label)^2. Errors as {@link reliabilityBins}.
 */
export function brierScore(set: ScoredSet): number {
  checkProbabilities(set);
  let sum = 0;
  for (let i = 0; i < set.scores.length; i++) sum += (set.scores[i]! - set.labels[i]!) ** 2;
  return sum / set.scores.length;
}
