import { quantile } from '../../metrics/bootstrap.js';

/** A value with its bootstrap interval. */
export interface Estimate {
  value: number;
  lower: number;
  upper: number;
}

/**
 * The percentile interval of the resampled values (Efron & Tibshirani 1993, section 13.3), for what one group has by
 * itself (figures that compare groups: `figureEstimate`); null for null.
 *
 * @param resampled is sorted in place
 * @param confidence two-sided, for example 0.95
 */
export function estimate(value: number | null, resampled: Float64Array, confidence: number): Estimate | null {
  if (value === null) return null;
  const sorted = resampled.sort();
  const tail = (1 - confidence) / 2;
  return { value, lower: quantile(sorted, tail), upper: quantile(sorted, 1 - tail) };
}
