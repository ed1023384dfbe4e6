/** Which images a run trains and validates on, and in which order each epoch takes them. */
import type { TrainingSample } from './data.js';
import { deriveSeed, randomFor, shuffled } from './seeds.js';

export interface SamplingOptions {
  seed: number;
  /** How many to draw. */
  count: number;
  /** Draw as many of one class as of the other, as far as there are. */
  balanced: boolean;
}

const byClass = (samples: readonly TrainingSample[]): [TrainingSample[], TrainingSample[]] => [
  samples.filter((sample) => sample.label === 0),
  samples.filter((sample) => sample.label === 1),
];

/**
 * Draws without replacement, likelier the larger a sample's weight (Efraimidis & Spirakis 2006,
 * "A-ES": the largest u^(1/w) win; compared here as log(u) / w). The result keeps the input's order.
 */
function drawWeighted(samples: readonly TrainingSample[], count: number, seed: number): TrainingSample[] {
  if (count >= samples.length) return samples.slice();
  const random = randomFor(seed, 'keys');
  const keys = samples.map((sample) => Math.log(random.uniform() + 2 ** -33) / sample.weight);
  const order = keys.map((_, i) => i).sort((a, b) => keys[b]! - keys[a]! || a - b);
  const chosen = new Set(order.slice(0, count));
  return samples.filter((_, i) => chosen.has(i));
}

/** Half of the draw for each class; what one class lacks goes to the other. */
function shares(real: number, fake: number, count: number): [number, number] {
  const half = Math.floor(count / 2);
  const reals = Math.min(real, Math.max(half, count - fake));
  return [reals, Math.min(fake, count - reals)];
}

/** Draws `count` of `samples`, or all where there are fewer; the same seed draws the same. */
export function drawSamples(samples: readonly TrainingSample[], options: SamplingOptions): TrainingSample[] {
  const { seed, count, balanced } = options;
  if (!balanced) return drawWeighted(samples, count, deriveSeed(seed, 'draw'));
  const [reals, fakes] = byClass(samples);
  const [realCount, fakeCount] = shares(reals.length, fakes.length, count);
  const drawn = new Set([
    ...drawWeighted(reals, realCount, deriveSeed(seed, 'draw', 'real')),
    ...drawWeighted(fakes, fakeCount, deriveSeed(seed, 'draw', 'fake')),
  ]);
  return samples.filter((sample) => drawn.has(sample));
}

/** Repeats a class until it has `count` samples, in a new random order each time round. */
function repeated(samples: readonly TrainingSample[], count: number, seed: number): TrainingSample[] {
  const result: TrainingSample[] = [];
  for (let round = 0; result.length < count; round++) {
    result.push(...shuffled(samples, randomFor(seed, 'repeat', round)).slice(0, count - result.length));
  }
  return result;
}

export interface EpochOrderOptions {
  seed: number;
  /** 1 for the first. */
  epoch: number;
  /** False: every epoch has the samples in the order given, repeated ones last. */
  shuffle: boolean;
  /** Repeat samples of the smaller class until both are equal. */
  repeatSmaller: boolean;
}

/** How many samples {@link epochOrder} gives. */
export function epochLength(samples: readonly TrainingSample[], repeatSmaller: boolean): number {
  const [reals, fakes] = byClass(samples);
  return repeatSmaller ? 2 * Math.max(reals.length, fakes.length) : samples.length;
}

/**
 * The order of one epoch, a function of the seed and the epoch alone, so that a resumed run needs no
 * generator state.
 */
export function epochOrder(samples: readonly TrainingSample[], options: EpochOrderOptions): TrainingSample[] {
  const seed = deriveSeed(options.seed, 'epoch', options.shuffle ? options.epoch : 0);
  const [reals, fakes] = byClass(samples);
  const larger = Math.max(reals.length, fakes.length);
  const smaller = reals.length < fakes.length ? reals : fakes;
  const missing = options.repeatSmaller && smaller.length > 0 ? larger - smaller.length : 0;
  const extra = missing > 0 ? repeated(smaller, missing, seed) : [];
  const all = [...samples, ...extra];
  return options.shuffle ? shuffled(all, randomFor(seed, 'order')) : all;
}

/** Cuts into runs of `size`; the last may be shorter. */
export function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}
