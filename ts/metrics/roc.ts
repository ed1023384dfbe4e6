// Receiver operating characteristic (Fawcett 2006, "An introduction to ROC analysis", algorithms
// 1-3).

import { checkKind } from '../arguments.js';
import { type ScoredSet } from './scored-set.js';
import { thresholdCounts, type ThresholdCounts } from './threshold-counts.js';

/** Points of a ROC curve, from (0, 0) to (1, 1). */
export interface RocCurve {
  /** False positive rate, ascending, 0 to 1. */
  fpr: Float64Array;
  /** True positive rate, ascending, 0 to 1. */
  tpr: Float64Array;
  /** Descending; the first is Infinity (nothing is called fake). */
  thresholds: Float64Array;
}

function isCorner(counts: Float64Array, i: number): boolean {
  return counts[i + 1]! - counts[i]! !== counts[i]! - counts[i - 1]!;
}

function cornerIndices({ truePositives, falsePositives }: ThresholdCounts): number[] {
  const last = truePositives.length - 1;
  const kept: number[] = [];
  for (let i = 0; i <= last; i++) {
    const inside = i > 0 && i < last;
    if (!inside || isCorner(truePositives, i) || isCorner(falsePositives, i)) kept.push(i);
  }
  return kept;
}

function withOrigin(
  values: Float64Array,
  kept: number[],
  origin: number,
  scale: number,
): Float64Array {
  return Float64Array.from([origin, ...kept.map((i) => values[i]! / scale)]);
}

/**
 * The ROC curve, point for point that of scikit-learn's `roc_curve`. Null where it is not defined:
 * when all samples are of one class.
 *
 * @param options.dropIntermediate leave out points on a straight line between their neighbours.
 *   Default true.
 * @throws TypeError for what is no set; DeepcodeError ERR_SHAPE, ERR_NONFINITE; RangeError for a bad
 *   label.
 */
export function rocCurve(
  set: ScoredSet,
  options: { dropIntermediate?: boolean } = {},
): RocCurve | null {
  checkKind('options', 'object', options);
  const counts = thresholdCounts(set);
  const positives = counts.truePositives.at(-1)!;
  const negatives = counts.falsePositives.at(-1)!;
  if (positives === 0 || negatives === 0) return null;
  const kept =
    options.dropIntermediate === false ? [...counts.thresholds.keys()] : cornerIndices(counts);
  return {
    fpr: withOrigin(counts.falsePositives, kept, 0, negatives),
    tpr: withOrigin(counts.truePositives, kept, 0, positives),
    thresholds: withOrigin(counts.thresholds, kept, Infinity, 1),
  };
}

/**
 * Area under the ROC curve by the trapezoid rule, 0 to 1: the probability that a random fake scores
 * higher than a random real, a tie counting one half. The sum runs over whole numbers, so it is
 * exact up to one division. Null when all samples are of one class.
 */
export function rocAuc(set: ScoredSet): number | null {
  const { truePositives, falsePositives } = thresholdCounts(set);
  const positives = truePositives.at(-1)!;
  const negatives = falsePositives.at(-1)!;
  if (positives === 0 || negatives === 0) return null;
  let doubled = 0;
  for (let i = 0; i < truePositives.length; i++) {
    const width = falsePositives[i]! - (falsePositives[i - 1] ?? 0);
    doubled += width * (truePositives[i]! + (truePositives[i - 1] ?? 0));
  }
  return doubled / (2 * positives * negatives);
}
