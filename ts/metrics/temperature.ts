// Temperature scaling (Guo et al. 2017, section 4.2, eq. 9): q = softmax(z / T), one T for all
// samples.
//
// For two classes the softmax depends on the margin d = z_fake - z_real alone, and with b = 1 / T
// NLL(b) = mean of softplus(-s b d),  s = +1 for fake, -1 for real, which is convex in b. Newton's
// method on NLL'(b) = 0 inside a shrinking bracket therefore finds the one minimum, without a step
// size to choose.

import { checkKind } from '../arguments.js';
import { DeepcodeError, outOfRange } from '../errors.js';
import { logitMargins, sigmoid, softplus } from './log-loss.js';
import { checkScoredSet } from './scored-set.js';

/** T stays in this range: on perfectly separated samples the likelihood would drive it to zero. */
export const TEMPERATURE_RANGE = { min: 0.05, max: 20 } as const;

/** The outcome of {@link fitTemperature}. */
export interface TemperatureFit {
  /** T, {@link TEMPERATURE_RANGE}. Above 1 the detector was overconfident. */
  temperature: number;
  /** Mean negative log-likelihood in nats at T = 1. */
  lossBefore: number;
  /** The same at the fitted T. */
  lossAfter: number;
  /** True when T stopped at an end of its range: more or harder validation samples are needed. */
  clamped: boolean;
}

function signedMargins(logits: ArrayLike<number>, labels: ArrayLike<number>): Float64Array {
  return logitMargins(logits, labels.length).map((margin, i) =>
    labels[i] === 1 ? margin : -margin,
  );
}

function meanLoss(signed: Float64Array, beta: number): number {
  let sum = 0;
  for (const margin of signed) sum += softplus(-beta * margin);
  return sum / signed.length;
}

function derivatives(signed: Float64Array, beta: number): { slope: number; curvature: number } {
  let slope = 0;
  let curvature = 0;
  for (const margin of signed) {
    const miss = sigmoid(-beta * margin);
    slope -= margin * miss;
    curvature += margin * margin * miss * (1 - miss);
  }
  return { slope, curvature };
}

function minimise(signed: Float64Array): number {
  let low = 1 / TEMPERATURE_RANGE.max;
  let high = 1 / TEMPERATURE_RANGE.min;
  if (derivatives(signed, low).slope >= 0) return low;
  if (derivatives(signed, high).slope <= 0) return high;
  let beta = 1;
  for (let step = 0; step < 200; step++) {
    const { slope, curvature } = derivatives(signed, beta);
    if (slope < 0) low = beta;
    else high = beta;
    const newton = beta - slope / curvature;
    // A Newton step that leaves the bracket is replaced by bisection.
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - beta) <= 1e-14 * beta) return next;
    beta = next;
  }
  return beta;
}

/**
 * Fits the temperature that makes P(fake) = softmax(logits / T) most likely on held-out samples.
 *
 * @param logits N x 2, row by row: [real, fake, ...], finite
 * @param labels N values, 1 for fake
 * @throws TypeError for what is no array; DeepcodeError ERR_SHAPE for none or unequal numbers,
 *   ERR_NONFINITE; RangeError for a bad label.
 */
export function fitTemperature(
  logits: ArrayLike<number>,
  labels: ArrayLike<number>,
): TemperatureFit {
  checkKind('labels', 'numbers', labels);
  const signed = signedMargins(logits, labels);
  checkScoredSet({ scores: signed, labels });
  const beta = minimise(signed);
  const { min, max } = TEMPERATURE_RANGE;
  return {
    temperature: 1 / beta,
    lossBefore: meanLoss(signed, 1),
    lossAfter: meanLoss(signed, beta),
    clamped: beta <= 1 / max || beta >= 1 / min,
  };
}

/**
 * P(fake) of two-class logits at a temperature: sigmoid((fake - real) / T), 0 to 1.
 *
 * @param logits N x 2, row by row: [real, fake, ...]
 * @param temperature above 0. Default 1.
 * @throws TypeError for what is no array; RangeError for a temperature that is not above 0;
 *   DeepcodeError ERR_SHAPE, ERR_NONFINITE.
 */
export function fakeProbabilities(logits: ArrayLike<number>, temperature = 1): Float64Array {
  if (!(temperature > 0)) throw outOfRange('temperature', 'a number above 0', temperature);
  checkKind('logits', 'numbers', logits);
  if (logits.length % 2 !== 0) {
    throw new DeepcodeError(
      'ERR_SHAPE',
      `Expected pairs of logits but received ${logits.length} numbers.`,
    );
  }
  return logitMargins(logits, logits.length / 2).map((margin) => sigmoid(margin / temperature));
}
