/**
 * Which images a run trains and validates on, and in which order each epoch takes them. Where a share P of the
 * reals is shown as pseudo-fakes, r real images and f true fakes are balanced when r(1 - 2P) = f.
 */
import type { TrainingSample } from './data.js';
import { deriveSeed, randomFor, shuffled } from './seeds.js';

export interface SamplingOptions {
  seed: number;
  /** How many to draw. */
  count: number;
  /** Draw as many of one class as of the other, as far as there are. */
  balanced: boolean;
  /** Share of the reals that is shown as pseudo-fakes, 0 to 0.5. Default 0. */
  pseudoFakes?: number | undefined;
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

/** What of a balanced draw each class gets; what one lacks goes to the other. */
function shares(real: number, fake: number, count: number, pseudoFakes: number): [number, number] {
  const wanted = Math.floor(count / (2 - 2 * pseudoFakes));
  const reals = Math.min(real, Math.max(wanted, count - fake));
  return [reals, Math.min(fake, count - reals)];
}

/** Draws `count` of `samples`, or all where there are fewer; the same seed draws the same. */
export function drawSamples(samples: readonly TrainingSample[], options: SamplingOptions): TrainingSample[] {
  const { seed, count, balanced, pseudoFakes = 0 } = options;
  if (!balanced) return drawWeighted(samples, count, deriveSeed(seed, 'draw'));
  const [reals, fakes] = byClass(samples);
  const [realCount, fakeCount] = shares(reals.length, fakes.length, count, pseudoFakes);
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
    const order = shuffled(samples, randomFor(seed, 'repeat', round));
    for (const sample of order.slice(0, count - result.length)) result.push(sample);
  }
  return result;
}

export interface EpochOrderOptions {
  seed: number;
  /** 1 for the first. */
  epoch: number;
  /** False: every epoch has the samples in the order given, repeated ones last. */
  shuffle: boolean;
  /** Repeat samples of the smaller class until both are shown equally often. */
  repeatSmaller: boolean;
  /** Share of the reals that is shown as pseudo-fakes, 0 to 0.5. Default 0. */
  pseudoFakes?: number | undefined;
}

/** Real images and true fakes of a balanced epoch. One class alone is not repeated. */
function balancedCounts(real: number, fake: number, pseudoFakes: number): [number, number] {
  const keep = 1 - 2 * pseudoFakes;
  if (real === 0 || fake === 0 || keep <= 0) return [real, fake];
  return real * keep < fake ? [Math.max(real, Math.round(fake / keep)), fake] : [real, Math.round(real * keep)];
}

/** How many samples {@link epochOrder} gives. */
export function epochLength(
  samples: readonly TrainingSample[],
  repeatSmaller: boolean,
  pseudoFakes = 0,
): number {
  const [reals, fakes] = byClass(samples);
  if (!repeatSmaller) return samples.length;
  const [real, fake] = balancedCounts(reals.length, fakes.length, pseudoFakes);
  return real + fake;
}

/**
 * The order of one epoch, a function of the seed and the epoch alone, so that a resumed run needs no
 * generator state.
 */
export function epochOrder(samples: readonly TrainingSample[], options: EpochOrderOptions): TrainingSample[] {
  const seed = deriveSeed(options.seed, 'epoch', options.shuffle ? options.epoch : 0);
  const [reals, fakes] = byClass(samples);
  const { pseudoFakes = 0 } = options;
  const [real, fake] = options.repeatSmaller
    ? balancedCounts(reals.length, fakes.length, pseudoFakes)
    : [reals.length, fakes.length];
  const extra = [
    ...repeated(reals, real - reals.length, seed),
    ...repeated(fakes, fake - fakes.length, seed),
  ];
  const all = [...samples, ...extra];
  return options.shuffle ? shuffled(all, randomFor(seed, 'order')) : all;
}

/** Places in `order` of the real images that are shown as pseudo-fakes: a share of them, rounded. */
export function pseudoFakePlaces(
  order: readonly TrainingSample[],
  share: number,
  options: Pick<EpochOrderOptions, 'seed' | 'epoch'>,
): Set<number> {
  const reals = order.flatMap(({ label }, place) => (label === 0 ? [place] : []));
  const random = randomFor(options.seed, 'pseudo-fakes', options.epoch);
  return new Set(shuffled(reals, random).slice(0, Math.round(share * reals.length)));
}

/** Cuts into runs of `size`; the last may be shorter. */
export function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}
