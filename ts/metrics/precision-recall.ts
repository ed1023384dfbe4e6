import { type ScoredSet } from './scored-set.js';
import { thresholdCounts } from './threshold-counts.js';

/**
 * Points of a precision-recall curve, from the lowest threshold up, ending at recall 0, precision
 * 1.
 */
export interface PrecisionRecallCurve {
  /** thresholds.length + 1 values, 0 to 1. */
  precision: Float64Array;
  /** thresholds.length + 1 values, descending, 1 to 0. */
  recall: Float64Array;
  /** Distinct scores, ascending. */
  thresholds: Float64Array;
}

/**
 * The precision-recall curve of scikit-learn's `precision_recall_curve`. Without a single fake,
 * recall is 1 at every threshold, as there.
 *
 * @throws TypeError for what is no set; DeepcodeError ERR_SHAPE, ERR_NONFINITE; RangeError for a bad
 *   label.
 */
export function precisionRecallCurve(set: ScoredSet): PrecisionRecallCurve {
  const { thresholds, truePositives, falsePositives } = thresholdCounts(set);
  const positives = truePositives.at(-1)!;
  const precision = truePositives.map((tp, i) => tp / (tp + falsePositives[i]!));
  const recall = truePositives.map((tp) => (positives === 0 ? 1 : tp / positives));
  return {
    precision: Float64Array.from([...precision.reverse(), 1]),
    recall: Float64Array.from([...recall.reverse(), 0]),
    thresholds: Float64Array.from(thresholds).reverse(),
  };
}

/**
 * Average precision, 0 to 1: the step sum AP = sum over n of (R_n - R_(n-1)) P_n, without
 * interpolation, as scikit-learn's `average_precision_score`. Without a single fake it is 0, and
 * with nothing but fakes it is 1, as there; neither says anything about a detector.
 */
export function averagePrecision(set: ScoredSet): number {
  const { truePositives, falsePositives } = thresholdCounts(set);
  const positives = truePositives.at(-1)!;
  if (positives === 0) return 0;
  let sum = 0;
  for (let i = 0; i < truePositives.length; i++) {
    const tp = truePositives[i]!;
    sum += ((tp - (truePositives[i - 1] ?? 0)) * tp) / (tp + falsePositives[i]!);
  }
  return sum / positives;
}
