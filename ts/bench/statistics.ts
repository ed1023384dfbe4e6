/** What is said of repeated measurements. */

/** The p-quantile, 0 <= p <= 1, by linear interpolation (type 7 of Hyndman & Fan 1996). */
export function quantile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = p * (sorted.length - 1);
  const low = sorted[Math.floor(place)]!;
  return low + (place % 1) * (sorted[Math.ceil(place)]! - low);
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

export interface Spread {
  median: number;
  /** First and third quartile. */
  low: number;
  high: number;
}

export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), low: quantile(values, 0.25), high: quantile(values, 0.75) };
}

/**
 * How many times as long the other side took, round by round: a machine that slows down for a while slows both
 * sides of a round, and the quotient stays.
 */
export function ratioOf(ours: readonly number[], other: readonly number[]): Spread {
  return spreadOf(ours.map((seconds, round) => other[round]! / seconds));
}
