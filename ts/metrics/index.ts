export type { ScoredSet } from './scored-set.js';
export {
  accuracy,
  confusionMatrix,
  confusionRates,
  type ConfusionMatrix,
  type ConfusionRates,
} from './confusion.js';
export { crossEntropy, logLoss } from './log-loss.js';
export { rocAuc, rocCurve, type RocCurve } from './roc.js';
export {
  averagePrecision,
  precisionRecallCurve,
  type PrecisionRecallCurve,
} from './precision-recall.js';
export { equalErrorRate, type EqualErrorRate } from './equal-error-rate.js';
export {
  brierScore,
  expectedCalibrationError,
  reliabilityBins,
  DEFAULT_CALIBRATION_BINS,
  type CalibrationOptions,
  type CalibrationVariant,
  type ReliabilityBin,
} from './calibration.js';
export {
  fakeProbabilities,
  fitTemperature,
  TEMPERATURE_RANGE,
  type TemperatureFit,
} from './temperature.js';
export { selectThreshold, type ThresholdCriterion } from './threshold-selection.js';
export { bootstrapInterval, type BootstrapOptions, type ConfidenceInterval } from './bootstrap.js';
export {
  evaluateScores,
  type EvaluationInput,
  type EvaluationReport,
  type SetReport,
  type SourceReport,
} from './evaluate.js';
