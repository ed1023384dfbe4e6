/** Independent random streams of one seed: what is drawn for one purpose never moves another. */
import { createHash } from 'node:crypto';
import { createRandom, type RandomSource } from '../../metrics/random.js';

/** A seed from 0 to 2^32 - 1 that depends on all parts. */
export function deriveSeed(seed: number, ...parts: readonly (string | number)[]): number {
  return createHash('sha256')
    .update(JSON.stringify([seed, ...parts]))
    .digest()
    .readUInt32LE(0);
}

export function randomFor(seed: number, ...parts: readonly (string | number)[]): RandomSource {
  return createRandom(deriveSeed(seed, ...parts));
}

/** A copy in random order (Fisher & Yates). */
export function shuffled<T>(items: readonly T[], random: RandomSource): T[] {
  const copy = items.slice();
  for (let i = copy.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [copy[i], copy[j]] = [copy[j]!, copy[i]!];
  }
  return copy;
}
