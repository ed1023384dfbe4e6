/** Detection: is this face photo real or generated? */
export { Detector } from './detector.js';
export type {
  DetectionOutcome,
  DetectorInfo,
  DetectorOptions,
  HeatmapOptions as DetectorHeatmapOptions,
  HeatmapResult,
} from './detector.js';
export type { Detection, DetectOptions, Label, UnsureBand } from './detection.js';
export type { DetectorData } from './detector-json.js';
export { evaluateDetector } from './evaluate.js';
export type { DetectorEvaluation, EvaluateOptions, EvaluationSample, ScoredImages } from './evaluate.js';
