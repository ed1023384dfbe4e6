import { checkScoredSet, type ScoredSet } from './scored-set.js';

/** Cumulative counts at each distinct score, from the highest down; ties share one entry. */
export interface ThresholdCounts {
  /** Distinct scores, descending: "fake when score >= thresholds[i]". */
  thresholds: Float64Array;
  /** Fakes with a score >= thresholds[i]. */
  truePositives: Float64Array;
  /** Reals with a score >= thresholds[i]. */
  falsePositives: Float64Array;
}

function descendingOrder(scores: ArrayLike<number>): Uint32Array {
  const order = new Uint32Array(scores.length);
  for (let i = 0; i < order.length; i++) order[i] = i;
  return order.sort((a, b) => scores[b]! - scores[a]!);
}

/**
 * The counts that ROC and precision-recall curves are made of. Whole numbers, hence exact.
 *
 * @throws TypeError for what is no set; DeepcodeError ERR_SHAPE, ERR_NONFINITE; RangeError for a bad
 *   label.
 */
export function thresholdCounts(set: ScoredSet): ThresholdCounts {
  checkScoredSet(set);
  const order = descendingOrder(set.scores);
  const thresholds: number[] = [];
  const truePositives: number[] = [];
  const falsePositives: number[] = [];
  let tp = 0;
  order.forEach((sample, rank) => {
    tp += set.labels[sample]!;
    const score = set.scores[sample]!;
    if (rank + 1 < order.length && set.scores[order[rank + 1]!] === score) return;
    thresholds.push(score);
    truePositives.push(tp);
    falsePositives.push(rank + 1 - tp);
  });
  return {
    thresholds: Float64Array.from(thresholds),
    truePositives: Float64Array.from(truePositives),
    falsePositives: Float64Array.from(falsePositives),
  };
}
