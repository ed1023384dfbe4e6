import { invalidArgument, outOfRange } from '../errors.js';
import { type ScoredSet } from './scored-set.js';
import { thresholdCounts, type ThresholdCounts } from './threshold-counts.js';

/**
 * - `accuracy`: the most right decisions.
 * - `youden`: the largest J = TPR - FPR (Youden 1950); does not depend on how many of each there
 *   are.
 * - `{ targetFpr }`: the most fakes found while at most this share (0 to 1) of real photos is
 *   accused.
 */
export type ThresholdCriterion = 'accuracy' | 'youden' | { targetFpr: number };

function objective(
  criterion: ThresholdCriterion,
  positives: number,
  negatives: number,
): (tp: number, fp: number) => number {
  if (criterion === 'accuracy') return (tp, fp) => tp - fp;
  // Scaled by both counts, J is a whole number and ties are exact.
  if (criterion === 'youden')
    return (tp, fp) => tp * Math.max(negatives, 1) - fp * Math.max(positives, 1);
  const { targetFpr } = criterion;
  return (tp, fp) => (fp / Math.max(negatives, 1) <= targetFpr ? tp - fp / (negatives + 1) : -1);
}

function checkCriterion(criterion: ThresholdCriterion): void {
  if (criterion === 'accuracy' || criterion === 'youden') return;
  if (criterion === null || typeof criterion !== 'object') {
    throw invalidArgument('criterion', "'accuracy', 'youden' or { targetFpr }", criterion);
  }
  const { targetFpr } = criterion;
  if (!(targetFpr >= 0 && targetFpr <= 1))
    throw outOfRange('targetFpr', 'a number from 0 to 1', targetFpr);
}

function bestCut(counts: ThresholdCounts, value: (tp: number, fp: number) => number): number {
  let best = -1;
  let bestValue = value(0, 0);
  for (let i = 0; i < counts.thresholds.length; i++) {
    const current = value(counts.truePositives[i]!, counts.falsePositives[i]!);
    if (current > bestValue) [best, bestValue] = [i, current];
  }
  return best;
}

/**
 * The threshold for "fake when score >= threshold" that is best on these samples. It lies halfway
 * between the last score called fake and the next one below, so that rounding does not move a
 * decision; of equally good thresholds the highest is taken. When calling nothing fake is best, the
 * result is the next number above the highest score.
 *
 * @param criterion default 'youden'
 * @throws DeepcodeError ERR_SHAPE, ERR_NONFINITE; TypeError or RangeError for what is no set, a bad
 *   criterion or label.
 */
export function selectThreshold(set: ScoredSet, criterion: ThresholdCriterion = 'youden'): number {
  checkCriterion(criterion);
  const counts = thresholdCounts(set);
  const { thresholds } = counts;
  const value = objective(criterion, counts.truePositives.at(-1)!, counts.falsePositives.at(-1)!);
  const cut = bestCut(counts, value);
  if (cut < 0)
    return thresholds[0]! + Math.max(Number.MIN_VALUE, Math.abs(thresholds[0]!) * Number.EPSILON);
  const below = thresholds[cut + 1];
  if (below === undefined) return thresholds[cut]!;
  const middle = below + (thresholds[cut]! - below) / 2;
  return middle > below ? middle : thresholds[cut]!;
}
