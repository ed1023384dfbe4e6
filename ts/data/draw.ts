/** Random numbers as augmentations draw them. */
import type { RandomSource } from '../metrics/random.js';

export type Range = readonly [number, number];

/** Evenly from a range. */
export const between = (random: RandomSource, [low, high]: Range): number =>
  low + (high - low) * random.uniform();

/** One of the values, each equally likely. */
export const oneOf = <T>(random: RandomSource, values: readonly T[]): T => values[random.below(values.length)]!;

/** Mean 0, variance 1 (Box & Muller); always takes two draws. */
export function normal(random: RandomSource): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.uniform()));
  return radius * Math.cos(2 * Math.PI * random.uniform());
}
