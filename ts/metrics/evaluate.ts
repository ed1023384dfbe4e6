import { checkKind } from '../arguments.js';
import { DeepcodeError } from '../errors.js';
import { brierScore, expectedCalibrationError } from './calibration.js';
import {
  confusionMatrix,
  confusionRates,
  type ConfusionMatrix,
  type ConfusionRates,
} from './confusion.js';
import { equalErrorRate } from './equal-error-rate.js';
import { crossEntropy, logLoss } from './log-loss.js';
import { averagePrecision } from './precision-recall.js';
import { rocAuc } from './roc.js';
import { checkProbabilities, countPositives, type ScoredSet } from './scored-set.js';

export interface EvaluationInput {
  /** N values of P(fake), 0 to 1. */
  scores: ArrayLike<number>;
  /** N labels: 1 fake, 0 real. */
  labels: ArrayLike<number>;
  /**
   * N x 2 logits, row by row [real, fake, ...]. When given, `loss` is their cross-entropy, as in
   * training.
   */
  logits?: ArrayLike<number>;
  /** "fake when score >= threshold". Default 0.5. */
  threshold?: number;
  /** N source names (for instance the folder that an image came from) for a report each. */
  sources?: readonly string[];
}

/** Metrics of one set. Null means not defined on it; `undefinedMetrics` names those. */
export interface SetReport extends ConfusionRates {
  count: number;
  /** Number of real photos. */
  real: number;
  /** Number of fakes. */
  fake: number;
  threshold: number;
  confusion: ConfusionMatrix;
  /** Mean cross-entropy in nats: of the logits where given, else of the clipped scores. */
  loss: number;
  /** Area under the ROC curve, 0 to 1; null with one class only. */
  auc: number | null;
  /** Average precision, 0 to 1, as scikit-learn: 0 without fakes, 1 without reals. */
  averagePrecision: number;
  /** Equal error rate, 0 to 1; null with one class only. */
  eer: number | null;
  /** The score at which the equal error rate is reached. */
  eerThreshold: number | null;
  /** Expected calibration error over 15 bins of top-label confidence, 0 to 1. */
  ece: number;
  /** Brier score, 0 to 1. */
  brier: number;
  /** Names of the metrics that are null here, and why in `undefinedReason`. */
  undefinedMetrics: string[];
  undefinedReason: 'only real images' | 'only fake images' | 'nothing called fake' | null;
}

/** Metrics of one source folder. */
export interface SourceReport extends SetReport {
  source: string;
  /**
   * For a source of one class, as most generators' folders are: its AUC against all samples of the
   * other class in the whole set. Equals `auc` for a source with both classes.
   */
  aucAgainstRest: number | null;
}

export interface EvaluationReport extends SetReport {
  /** One report a source, by name; empty when no sources were given. */
  perSource: SourceReport[];
}

type Samples = ScoredSet & { logits?: ArrayLike<number> };

function undefinedReason(
  real: number,
  fake: number,
  missing: string[],
): SetReport['undefinedReason'] {
  if (missing.length === 0) return null;
  if (fake === 0) return 'only real images';
  return real === 0 ? 'only fake images' : 'nothing called fake';
}

function reportSet(samples: Samples, threshold: number): SetReport {
  const confusion = confusionMatrix(samples, threshold);
  const fake = countPositives(samples.labels);
  const real = samples.labels.length - fake;
  const eer = equalErrorRate(samples);
  const numbers = {
    ...confusionRates(confusion),
    loss: samples.logits ? crossEntropy(samples.logits, samples.labels) : logLoss(samples),
    auc: rocAuc(samples),
    averagePrecision: averagePrecision(samples),
    eer: eer?.rate ?? null,
    eerThreshold: eer?.threshold ?? null,
    ece: expectedCalibrationError(samples),
    brier: brierScore(samples),
  };
  const undefinedMetrics = Object.entries(numbers)
    .filter(([, value]) => value === null)
    .map(([name]) => name);
  const reason = undefinedReason(real, fake, undefinedMetrics);
  return {
    count: real + fake,
    real,
    fake,
    threshold,
    confusion,
    ...numbers,
    undefinedMetrics,
    undefinedReason: reason,
  };
}

function pick(samples: Samples, indices: number[]): Samples {
  const logits = samples.logits;
  return {
    scores: indices.map((i) => samples.scores[i]!),
    labels: indices.map((i) => samples.labels[i]!),
    ...(logits && { logits: indices.flatMap((i) => [logits[2 * i]!, logits[2 * i + 1]!]) }),
  };
}

function aucAgainstRest(samples: Samples, own: number[], report: SetReport): number | null {
  if (report.auc !== null) return report.auc;
  const other = report.fake === 0 ? 1 : 0;
  const rest = Array.from(samples.labels).flatMap((label, i) => (label === other ? [i] : []));
  return rocAuc(pick(samples, [...own, ...rest]));
}

function groupBySource(sources: readonly string[]): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  sources.forEach((source, i) => {
    const group = groups.get(source);
    if (group) group.push(i);
    else groups.set(source, [i]);
  });
  return groups;
}

function reportSources(
  samples: Samples,
  sources: readonly string[],
  threshold: number,
): SourceReport[] {
  if (sources.length !== samples.scores.length) {
    const received = `${samples.scores.length} scores and ${sources.length} sources`;
    throw new DeepcodeError('ERR_SHAPE', `Expected a source a score but received ${received}.`);
  }
  return [...groupBySource(sources)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([source, indices]) => {
      const report = reportSet(pick(samples, indices), threshold);
      return { source, ...report, aucAgainstRest: aucAgainstRest(samples, indices, report) };
    });
}

/**
 * Everything that `deepcode eval` reports about one data set, and about each source in it. No value
 * is ever NaN: a metric that one class alone does not define is null and named in
 * `undefinedMetrics`.
 *
 * @throws TypeError for what is no set; DeepcodeError ERR_SHAPE for no samples or unequal lengths,
 *   ERR_NONFINITE for NaN or Inf in scores or logits; RangeError for scores outside [0, 1], labels
 *   other than 0 and 1, a NaN threshold.
 */
export function evaluateScores(input: EvaluationInput): EvaluationReport {
  checkProbabilities(input);
  const { scores, labels, logits, threshold = 0.5, sources } = input;
  if (sources) checkKind('sources', 'list', sources);
  const samples: Samples = { scores, labels, ...(logits && { logits }) };
  const perSource = sources ? reportSources(samples, sources, threshold) : [];
  return { ...reportSet(samples, threshold), perSource };
}
