/** Detection: is this face photo real or generated? */
export { Detector } from './detector.js';
export type {
  DetectionOutcome,
  DetectorHeatmapOptions,
  DetectorInfo,
  DetectorOptions,
  HeatmapResult,
} from './detector-types.js';
export type { Detection, DetectOptions, Label, UnsureBand } from './detection.js';
export type { DetectorData } from './detector-json.js';
export { evaluateDetector } from './evaluate.js';
export type {
  DetectorEvaluation,
  EvaluateOptions,
  EvaluationSample,
  ScoredImages,
} from './evaluate.js';
export { train } from './train/train.js';
export type { TrainHooks } from './train/train.js';
export type { TrainOptions } from './train/options.js';
export type { TrainProgress } from './train/progress.js';
export type { ExportReport, TrainReport } from './train/report.js';
export { compare } from './compare.js';
export type { CompareHooks, CompareReport } from './compare.js';
export type { CompareOptions } from './compare/options.js';
export { mergeAdapter } from './train/merge.js';
export type { MergeOptions, MergeReport } from './train/merge.js';
