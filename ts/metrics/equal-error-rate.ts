import { rocCurve, type RocCurve } from './roc.js';
import { type ScoredSet } from './scored-set.js';

/** Where a detector misses as many fakes as it accuses real photos. */
export interface EqualErrorRate {
  /** FPR = 1 - TPR, 0 to 1. */
  rate: number;
  /** The score at that point, interpolated as the curve is. */
  threshold: number;
}

/**
 * The first curve point at or below the line tpr = 1 - fpr seen from (0, 0): the crossing ends
 * there.
 */
function crossingEnd({ fpr, tpr }: RocCurve): number {
  let i = 1;
  while (1 - fpr[i]! - tpr[i]! > 0) i++;
  return i;
}

/**
 * Equal error rate. Between two neighbouring ROC points the curve is taken as a straight line and
 * cut with the line TPR = 1 - FPR in closed form: the root that the usual recipe
 * `brentq(lambda x: 1 - x - interp1d(fpr, tpr)(x), 0, 1)` searches for. On an upright piece of the
 * curve the rate is that piece's FPR.
 *
 * Null when all samples are of one class. Errors as {@link rocCurve}.
 */
export function equalErrorRate(set: ScoredSet): EqualErrorRate | null {
  const curve = rocCurve(set);
  if (curve === null) return null;
  const { fpr, tpr, thresholds } = curve;
  const end = crossingEnd(curve);
  const begin = end - 1;
  const above = 1 - fpr[begin]! - tpr[begin]!;
  const run = fpr[end]! - fpr[begin]!;
  const share = above / (run + tpr[end]! - tpr[begin]!);
  // The curve starts at threshold Infinity, which cannot be interpolated: the highest score stands
  // in.
  const from = Number.isFinite(thresholds[begin]!) ? thresholds[begin]! : thresholds[end]!;
  return { rate: fpr[begin]! + share * run, threshold: from + share * (thresholds[end]! - from) };
}
