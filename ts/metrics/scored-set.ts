import { checkFields } from '../arguments.js';
import { DeepcodeError, outOfRange } from '../errors.js';

/**
 * Scores and labels as every metric here takes them: `scores[i]` is P(fake) or any number that
 * grows with it, `labels[i]` is 1 for fake (the positive class) and 0 for real.
 */
export interface ScoredSet {
  scores: ArrayLike<number>;
  labels: ArrayLike<number>;
}

const FIELDS = { scores: 'numbers', labels: 'numbers' } as const;

function checkFinite(scores: ArrayLike<number>): void {
  for (let i = 0; i < scores.length; i++) {
    if (!Number.isFinite(scores[i])) {
      throw new DeepcodeError(
        'ERR_NONFINITE',
        `Score ${i} of ${scores.length} is ${scores[i]}, not a finite number; look at its input.`,
      );
    }
  }
}

function checkLabels(labels: ArrayLike<number>): void {
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (label !== 0 && label !== 1) throw outOfRange(`labels[${i}]`, '0 (real) or 1 (fake)', label);
  }
}

/**
 * Refuses what no metric is defined on.
 *
 * @throws TypeError for what is no set; DeepcodeError ERR_SHAPE for no samples or unequal lengths,
 *   ERR_NONFINITE for a NaN or infinite score; RangeError for a label other than 0 and 1.
 */
export function checkScoredSet(set: ScoredSet): void {
  checkFields('set', set, FIELDS);
  const { scores, labels } = set;
  if (scores.length === 0) {
    throw new DeepcodeError(
      'ERR_SHAPE',
      'Expected at least one score but received none; is the data set empty?',
    );
  }
  if (scores.length !== labels.length) {
    throw new DeepcodeError(
      'ERR_SHAPE',
      `Expected a label a score but received ${scores.length} scores and ${labels.length} labels.`,
    );
  }
  checkFinite(scores);
  checkLabels(labels);
}

/**
 * As {@link checkScoredSet}, and every score must be a probability. @throws RangeError outside [0,
 * 1]
 */
export function checkProbabilities(set: ScoredSet): void {
  checkScoredSet(set);
  for (let i = 0; i < set.scores.length; i++) {
    const score = set.scores[i]!;
    if (score < 0 || score > 1)
      throw outOfRange(`scores[${i}]`, 'a probability from 0 to 1', score);
  }
}

/** The number of samples labelled fake. */
export function countPositives(labels: ArrayLike<number>): number {
  let count = 0;
  for (let i = 0; i < labels.length; i++) count += labels[i]!;
  return count;
}
