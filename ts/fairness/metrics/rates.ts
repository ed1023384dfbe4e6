/** Rates of one group, from counts of decisions. Positive means fake. */
import { checkEach, checkFields } from '../../arguments.js';
import { COUNT_FIELDS, type ConfusionMatrix } from '../../metrics/confusion.js';

/** Each from 0 to 1; null where nothing is counted below the line. */
export interface GroupRates {
  /** Images, real photos and fakes. */
  count: number;
  real: number;
  fake: number;
  /** (TP + TN) / n. */
  accuracy: number | null;
  /** TP / (TP + FN). */
  tpr: number | null;
  /** FP / (FP + TN). */
  fpr: number | null;
  fnr: number | null;
  tnr: number | null;
  /** (TP + FP) / n: the share that is called fake. */
  positiveRate: number | null;
  negativeRate: number | null;
  /** Null with one class only. */
  auc: number | null;
}

const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

/** @throws TypeError for what are no counts */
export function groupRates(counts: ConfusionMatrix, auc: number | null): GroupRates {
  checkFields('counts', counts, COUNT_FIELDS);
  const { truePositives: tp, falsePositives: fp, trueNegatives: tn, falseNegatives: fn } = counts;
  const [real, fake] = [fp + tn, tp + fn];
  const count = real + fake;
  return {
    count,
    real,
    fake,
    accuracy: ratio(tp + tn, count),
    tpr: ratio(tp, fake),
    fpr: ratio(fp, real),
    fnr: ratio(fn, fake),
    tnr: ratio(tn, real),
    positiveRate: ratio(tp + fp, count),
    negativeRate: ratio(tn + fn, count),
    auc,
  };
}

/** How far the rates of `a` are from those of `b`; with the sizes of `b`, and null where either has no rate. */
export function ratesMinus(a: GroupRates, b: GroupRates): GroupRates {
  const minus = (x: number | null, y: number | null): number | null => (x === null || y === null ? null : x - y);
  return {
    count: b.count,
    real: b.real,
    fake: b.fake,
    accuracy: minus(a.accuracy, b.accuracy),
    tpr: minus(a.tpr, b.tpr),
    fpr: minus(a.fpr, b.fpr),
    fnr: minus(a.fnr, b.fnr),
    tnr: minus(a.tnr, b.tnr),
    positiveRate: minus(a.positiveRate, b.positiveRate),
    negativeRate: minus(a.negativeRate, b.negativeRate),
    auc: minus(a.auc, b.auc),
  };
}

/** The counts of all groups together. @throws TypeError for what are no counts */
export function pooledCounts(groups: readonly ConfusionMatrix[]): ConfusionMatrix {
  checkEach('groups', groups, COUNT_FIELDS);
  const pooled = { truePositives: 0, falsePositives: 0, trueNegatives: 0, falseNegatives: 0 };
  for (const counts of groups) {
    pooled.truePositives += counts.truePositives;
    pooled.falsePositives += counts.falsePositives;
    pooled.trueNegatives += counts.trueNegatives;
    pooled.falseNegatives += counts.falseNegatives;
  }
  return pooled;
}
