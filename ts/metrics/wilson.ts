/** An interval for a share that was counted. */

/** Quantile of the normal distribution for a two-sided coverage of 95 %. */
const Z = 1.959963984540054;

/**
 * The 95 % score interval of a binomial proportion (Wilson 1927, "Probable inference, the law of succession, and
 * statistical inference"). Unlike a bootstrap, it does not shrink to a point where all, or none, were right.
 *
 * @param right at least 0, at most `count`
 * @param count at least 1
 */
export function wilsonInterval(right: number, count: number): readonly [lower: number, upper: number] {
  const share = right / count;
  const center = (share + Z ** 2 / (2 * count)) / (1 + Z ** 2 / count);
  const reach = (Z / (1 + Z ** 2 / count)) * Math.sqrt((share * (1 - share)) / count + Z ** 2 / (4 * count ** 2));
  // Rounding may leave the ends a hair beyond what is possible.
  return [Math.max(0, Math.min(share, center - reach)), Math.min(1, Math.max(share, center + reach))];
}
