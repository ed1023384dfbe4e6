// Principal components of a feature matrix by subspace iteration (Halko, Martinsson & Tropp 2011,
// "Finding structure with randomness", algorithm 4.4) with a Rayleigh-Ritz step. The covariance
// matrix is never formed: features of 768 or 1024 dimensions take a second, not a minute.

import { checkFields, checkKind } from '../arguments.js';
import { DeepcodeError, outOfRange } from '../errors.js';
import { createRandom } from '../metrics/random.js';
import { symmetricEigen } from './jacobi.js';

/** Principal components of `dimensions` features. */
export interface Pca {
  /** The mean feature vector. */
  mean: Float64Array;
  /**
   * Unit vectors, the direction of most variance first. The entry of largest magnitude is positive.
   * A direction beyond the rank of the data is all zeros.
   */
  components: Float64Array[];
  /** Variance (denominator n - 1) along each component. */
  explainedVariance: number[];
  /** The same as shares of the total variance, 0 to 1. */
  explainedVarianceRatio: number[];
}

interface Centred {
  rows: Float64Array[];
  dimensions: number;
}

const OVERSAMPLING = 8;
const MAX_ITERATIONS = 200;
const TOLERANCE = 1e-12;

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function addScaled(target: Float64Array, source: Float64Array, factor: number): void {
  for (let i = 0; i < target.length; i++) target[i]! += factor * source[i]!;
}

/** Gram-Schmidt, twice for accuracy. A vector that depends on the ones before it becomes zero. */
function orthonormalise(vectors: Float64Array[]): void {
  vectors.forEach((vector, i) => {
    const before = Math.sqrt(dot(vector, vector));
    for (let pass = 0; pass < 2; pass++) {
      for (const other of vectors.slice(0, i)) addScaled(vector, other, -dot(vector, other));
    }
    const norm = Math.sqrt(dot(vector, vector));
    const scale = norm > 1e-12 * before && norm > 0 ? 1 / norm : 0;
    for (let k = 0; k < vector.length; k++) vector[k]! *= scale;
  });
}

/** Covariance times vector. */
function applyCovariance({ rows, dimensions }: Centred, vector: Float64Array): Float64Array {
  const result = new Float64Array(dimensions);
  for (const row of rows) addScaled(result, row, dot(row, vector) / Math.max(rows.length - 1, 1));
  return result;
}

function combine(vectors: Float64Array[], weights: readonly number[]): Float64Array {
  const result = new Float64Array(vectors[0]!.length);
  vectors.forEach((vector, i) => addScaled(result, vector, weights[i]!));
  return result;
}

/** One multiplication by the covariance, then the eigenvectors within the subspace. */
function iterate(
  data: Centred,
  basis: Float64Array[],
): { basis: Float64Array[]; values: number[] } {
  const images = basis.map((vector) => applyCovariance(data, vector));
  const { values, vectors } = symmetricEigen(
    basis.map((b) => images.map((image) => dot(b, image))),
  );
  const next = vectors.map((weights) => combine(images, weights));
  orthonormalise(next);
  return { basis: next, values };
}

/** How far the leading vectors still turn in one iteration: 1 - |cosine|. */
function turned(before: Float64Array[], after: Float64Array[], count: number): number {
  const pairs = before.slice(0, count).map((vector, i) => Math.abs(dot(vector, after[i]!)));
  return Math.max(...pairs.map((cosine) => (cosine === 0 ? 0 : 1 - cosine)));
}

function leadingSubspace(
  data: Centred,
  count: number,
): { basis: Float64Array[]; values: number[] } {
  const random = createRandom(0);
  const size = Math.min(count + OVERSAMPLING, data.dimensions);
  const basis = Array.from({ length: size }, () => {
    return Float64Array.from({ length: data.dimensions }, () => random.uniform() - 0.5);
  });
  orthonormalise(basis);
  let current = iterate(data, basis);
  for (let n = 0; n < MAX_ITERATIONS; n++) {
    const next = iterate(data, current.basis);
    const settled = turned(current.basis, next.basis, count) <= TOLERANCE && n > 1;
    current = next;
    if (settled) break;
  }
  return { basis: current.basis, values: iterate(data, current.basis).values };
}

function orient(vector: Float64Array): Float64Array {
  const largest = vector.reduce(
    (best, value) => (Math.abs(value) > Math.abs(best) ? value : best),
    0,
  );
  return largest < 0 ? vector.map((value) => -value) : vector;
}

function centre(
  features: ArrayLike<number>,
  count: number,
  dimensions: number,
): { mean: Float64Array; data: Centred } {
  const rows = Array.from({ length: count }, (_, i) => {
    return Float64Array.from({ length: dimensions }, (_, k) => features[i * dimensions + k]!);
  });
  const mean = new Float64Array(dimensions);
  for (const row of rows) addScaled(mean, row, 1 / count);
  if (!mean.every(Number.isFinite)) {
    throw new DeepcodeError(
      'ERR_NONFINITE',
      'The features hold NaN or Inf, so they have no principal components.',
    );
  }
  for (const row of rows) addScaled(row, mean, -1);
  return { mean, data: { rows, dimensions } };
}

/**
 * Principal component analysis. The same features give the same components on every run.
 *
 * @param features count x dimensions, row by row
 * @param dimensions features a sample, 1 and more
 * @param components how many directions, 1 to `dimensions`. Default 2.
 * @throws TypeError for what is no matrix; DeepcodeError ERR_SHAPE for no whole number of rows,
 *   ERR_NONFINITE; RangeError for components
 */
export function fitPca(features: ArrayLike<number>, dimensions: number, components = 2): Pca {
  checkKind('features', 'numbers', features);
  checkKind('dimensions', 'number', dimensions);
  const count = features.length / dimensions;
  if (!Number.isInteger(count) || count < 1) {
    throw new DeepcodeError(
      'ERR_SHAPE',
      `Expected rows of ${dimensions} features but received ${features.length} numbers.`,
    );
  }
  if (!Number.isInteger(components) || components < 1 || components > dimensions) {
    throw outOfRange('components', `a whole number from 1 to ${dimensions}`, components);
  }
  const { mean, data } = centre(features, count, dimensions);
  const { basis, values } = leadingSubspace(data, components);
  const total = data.rows.reduce((sum, row) => sum + dot(row, row), 0) / Math.max(count - 1, 1);
  const explainedVariance = values.slice(0, components).map((value) => Math.max(value, 0));
  return {
    mean,
    components: basis.slice(0, components).map(orient),
    explainedVariance,
    explainedVarianceRatio: explainedVariance.map((value) => (total === 0 ? 0 : value / total)),
  };
}

/**
 * Coordinates of samples along the first two components, for {@link scatterPlot}. Also for points
 * that were not in the fit, such as the learned centre.
 *
 * @param features count x dimensions, row by row; dimensions as in the fit
 * @throws TypeError for what is no fit or no matrix; DeepcodeError ERR_SHAPE for no whole number of
 *   rows or a fit of one component
 */
export function projectPca(pca: Pca, features: ArrayLike<number>): [x: number, y: number][] {
  checkFields('pca', pca, { mean: 'numbers', components: 'list' });
  checkKind('features', 'numbers', features);
  const dimensions = pca.mean.length;
  const [first, second] = pca.components;
  if (features.length % dimensions !== 0 || first === undefined || second === undefined) {
    throw new DeepcodeError(
      'ERR_SHAPE',
      `Expected two components and rows of ${dimensions} features to project.`,
    );
  }
  return Array.from({ length: features.length / dimensions }, (_, i) => {
    const row = pca.mean.map((mean, k) => features[i * dimensions + k]! - mean);
    return [dot(row, first), dot(row, second)];
  });
}
