import { checkFields, checkKind } from '../arguments.js';
import { outOfRange } from '../errors.js';
import { checkScoredSet, type ScoredSet } from './scored-set.js';

/** Counts of decisions; positive means fake. */
export interface ConfusionMatrix {
  /** Fakes called fake. */
  truePositives: number;
  /** Reals called fake. */
  falsePositives: number;
  /** Reals called real. */
  trueNegatives: number;
  /** Fakes called real. */
  falseNegatives: number;
}

/** Rates of a confusion matrix, each from 0 to 1; null where the denominator is zero. */
export interface ConfusionRates {
  accuracy: number;
  /** Mean of the recall of both classes. */
  balancedAccuracy: number | null;
  /** TP / (TP + FN): the share of fakes that were found. Also called recall or sensitivity. */
  tpr: number | null;
  /** FP / (FP + TN): the share of real photos that were called fake. */
  fpr: number | null;
  precision: number | null;
  f1: number | null;
}

/** The fields of a {@link ConfusionMatrix}, for checks. */
export const COUNT_FIELDS = {
  truePositives: 'number',
  falsePositives: 'number',
  trueNegatives: 'number',
  falseNegatives: 'number',
} as const;

/**
 * An infinite threshold is allowed and decides everything one way.
 *
 * @throws TypeError for what is no number; RangeError for NaN
 */
export function checkThreshold(threshold: number): void {
  checkKind('threshold', 'number', threshold);
  if (Number.isNaN(threshold)) throw outOfRange('threshold', 'a number', threshold);
}

/**
 * Counts decisions of the rule "fake when score >= threshold" (the rule of scikit-learn's ROC
 * thresholds: a score on the threshold is positive).
 *
 * @throws TypeError for what is no set or no number; DeepcodeError ERR_SHAPE, ERR_NONFINITE;
 *   RangeError for a bad label or threshold.
 */
export function confusionMatrix(set: ScoredSet, threshold: number): ConfusionMatrix {
  checkScoredSet(set);
  checkThreshold(threshold);
  const matrix = { truePositives: 0, falsePositives: 0, trueNegatives: 0, falseNegatives: 0 };
  for (let i = 0; i < set.scores.length; i++) {
    const calledFake = set.scores[i]! >= threshold;
    if (set.labels[i] === 1) matrix[calledFake ? 'truePositives' : 'falseNegatives']++;
    else matrix[calledFake ? 'falsePositives' : 'trueNegatives']++;
  }
  return matrix;
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

/** Accuracy, TPR, FPR, precision and F1 of counted decisions. @throws TypeError for what is no matrix */
export function confusionRates(matrix: ConfusionMatrix): ConfusionRates {
  checkFields('matrix', matrix, COUNT_FIELDS);
  const { truePositives: tp, falsePositives: fp, trueNegatives: tn, falseNegatives: fn } = matrix;
  const tpr = ratio(tp, tp + fn);
  const fpr = ratio(fp, fp + tn);
  return {
    accuracy: (tp + tn) / (tp + fp + tn + fn),
    balancedAccuracy: tpr === null || fpr === null ? null : (tpr + 1 - fpr) / 2,
    tpr,
    fpr,
    precision: ratio(tp, tp + fp),
    f1: ratio(2 * tp, 2 * tp + fp + fn),
  };
}

/** The share of right decisions at `threshold`, from 0 to 1. Errors as {@link confusionMatrix}. */
export function accuracy(set: ScoredSet, threshold = 0.5): number {
  return confusionRates(confusionMatrix(set, threshold)).accuracy;
}
