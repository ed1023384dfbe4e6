// Cross-entropy in nats, from probabilities (as scikit-learn's log_loss) or from logits (as
// training).

import { checkKind } from '../arguments.js';
import { DeepcodeError } from '../errors.js';
import { checkProbabilities, type ScoredSet } from './scored-set.js';

/**
 * Mean negative log-likelihood of probabilities, in nats. Probabilities are clipped to
 * [eps, 1 - eps] with eps = 2^-52, as scikit-learn's `log_loss` does for float64.
 *
 * @throws TypeError for what is no set; DeepcodeError ERR_SHAPE, ERR_NONFINITE; RangeError for scores
 *   outside [0, 1].
 */
export function logLoss(set: ScoredSet): number {
  checkProbabilities(set);
  let sum = 0;
  for (let i = 0; i < set.scores.length; i++) {
    const fake = set.scores[i]!;
    const chosen = set.labels[i] === 1 ? fake : 1 - fake;
    sum -= Math.log(Math.min(Math.max(chosen, Number.EPSILON), 1 - Number.EPSILON));
  }
  return sum / set.scores.length;
}

/** log(1 + e^x) without overflow. */
export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** 1 / (1 + e^-x) without overflow. */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const power = Math.exp(x);
  return power / (1 + power);
}

/**
 * The margins `fake - real` of two-class logits: all that a two-class softmax depends on.
 *
 * @param logits N x 2, row by row: [real, fake, real, fake, ...]
 * @throws TypeError for what is no array; DeepcodeError ERR_SHAPE when there are not `count` pairs,
 *   ERR_NONFINITE for NaN or Inf.
 */
export function logitMargins(logits: ArrayLike<number>, count: number): Float64Array {
  checkKind('logits', 'numbers', logits);
  if (logits.length !== 2 * count) {
    throw new DeepcodeError(
      'ERR_SHAPE',
      `Expected logits of ${count} x 2 but received ${logits.length} numbers.`,
    );
  }
  const margins = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const margin = logits[2 * i + 1]! - logits[2 * i]!;
    if (!Number.isFinite(margin)) {
      throw new DeepcodeError(
        'ERR_NONFINITE',
        `The logits of sample ${i} are not finite; look at the input that gave them.`,
      );
    }
    margins[i] = margin;
  }
  return margins;
}

/**
 * Mean cross-entropy of two-class logits, in nats: what `torch.nn.functional.cross_entropy` gives.
 * Never infinite for finite logits.
 *
 * @param logits N x 2, row by row: [real, fake, ...]
 * @param labels N values, 1 for fake
 * @throws TypeError for what is no array; DeepcodeError ERR_SHAPE, ERR_NONFINITE
 */
export function crossEntropy(logits: ArrayLike<number>, labels: ArrayLike<number>): number {
  checkKind('labels', 'numbers', labels);
  const margins = logitMargins(logits, labels.length);
  let sum = 0;
  for (let i = 0; i < margins.length; i++)
    sum += softplus(labels[i] === 1 ? -margins[i]! : margins[i]!);
  return sum / margins.length;
}
