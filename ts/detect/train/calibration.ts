/** From validation logits to what detector.json says about scores: temperature, threshold, unsure band. */
import { fakeProbabilities, fitTemperature, selectThreshold } from '../../metrics/index.js';
import type { DetectorJson } from '../detector-json.js';
import type { ResolvedTrainOptions } from './options.js';

export type CalibrationOptions = Pick<ResolvedTrainOptions, 'thresholdBy' | 'unsureOdds'>;
export type Calibration = Pick<DetectorJson, 'temperature' | 'threshold' | 'unsure'>;

const clampToUnit = (value: number): number => Math.min(1, Math.max(0, value));

/** The probabilities whose odds p / (1 - p) lie within `factor` of those of `threshold`. */
export function unsureBand(threshold: number, factor: number): { from: number; to: number } {
  if (threshold <= 0 || threshold >= 1) return { from: threshold, to: threshold };
  const odds = threshold / (1 - threshold);
  return {
    from: Math.min(threshold, odds / factor / (1 + odds / factor)),
    to: Math.max(threshold, (odds * factor) / (1 + odds * factor)),
  };
}

/**
 * Temperature scaling first; threshold and band are on the calibrated P(fake).
 *
 * @param logits N x 2
 * @param labels N values, 1 for fake; both classes
 */
export function calibrate(
  logits: ArrayLike<number>,
  labels: ArrayLike<number>,
  options: CalibrationOptions,
): Calibration {
  const { temperature } = fitTemperature(logits, labels);
  const scores = fakeProbabilities(logits, temperature);
  const threshold =
    options.thresholdBy === 'half'
      ? 0.5
      : clampToUnit(selectThreshold({ scores, labels }, options.thresholdBy));
  return { temperature, threshold, unsure: unsureBand(threshold, options.unsureOdds) };
}
