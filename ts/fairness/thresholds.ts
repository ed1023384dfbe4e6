/** From which score on an image counts as fake: one threshold for all, or one a group. */
import { invalidArgument } from '../errors.js';
import type { ScoredSet } from '../metrics/scored-set.js';
import { selectThreshold } from '../metrics/threshold-selection.js';
import { thresholdAtFpr } from './metrics/fixed-fpr.js';

export type ThresholdRule =
  | { kind: 'model' }
  | { kind: 'fixed'; threshold: number }
  | { kind: 'overall-fpr'; fpr: number }
  | { kind: 'group-fpr'; fpr: number }
  | { kind: 'group-youden' };

const EXPECTED = 'model, a score from 0 to 1, fpr:RATE, group-fpr:RATE or group-youden';

/** A number from 0 to 1, written with digits; undefined for anything else. */
function unit(given: string): number | undefined {
  const value = /^(\d+\.?\d*|\.\d+)(e-?\d+)?$/i.test(given) ? Number(given) : NaN;
  return value >= 0 && value <= 1 ? value : undefined;
}

/** `model`, `0.4`, `fpr:0.05`, `group-fpr:0.05`, `group-youden`. @throws TypeError */
export function parseThresholdRule(given: string): ThresholdRule {
  if (given === 'model') return { kind: 'model' };
  if (given === 'group-youden') return { kind: 'group-youden' };
  const [, name, number] = /^(?:(fpr|group-fpr):)?(.*)$/s.exec(given)!;
  const value = unit(number!);
  if (value === undefined) throw invalidArgument('threshold', EXPECTED, given);
  if (name === undefined) return { kind: 'fixed', threshold: value };
  return { kind: name === 'fpr' ? 'overall-fpr' : 'group-fpr', fpr: value };
}

/** True where every group has a threshold of its own. */
export const isPerGroup = ({ kind }: ThresholdRule): boolean => kind === 'group-fpr' || kind === 'group-youden';

/** True where the threshold is read off the images that are reported on, which flatters it. */
export const isFitted = ({ kind }: ThresholdRule): boolean => kind !== 'model' && kind !== 'fixed';

/** In words, for reports. */
export function ruleText(rule: ThresholdRule): string {
  switch (rule.kind) {
    case 'model':
      return "the model's own";
    case 'fixed':
      return 'as given';
    case 'overall-fpr':
      return `the same for all, at an overall FPR of at most ${rule.fpr}`;
    case 'group-fpr':
      return `one a group, at an FPR of at most ${rule.fpr} in each`;
    case 'group-youden':
      return 'one a group, where TPR - FPR is largest';
  }
}

/** The real photos of a set, by score. */
const realScores = ({ scores, labels }: ScoredSet): number[] =>
  Array.from(scores).filter((_, i) => labels[i] === 0);

/**
 * The threshold that a rule gives on these images; undefined where they lack the class that it needs: real photos for
 * a rate, both classes for Youden's index.
 */
export function thresholdOn(set: ScoredSet, rule: ThresholdRule, ofModel: number): number | undefined {
  if (rule.kind === 'model') return ofModel;
  if (rule.kind === 'fixed') return rule.threshold;
  const reals = realScores(set);
  if (reals.length === 0) return undefined;
  if (rule.kind !== 'group-youden') return thresholdAtFpr(reals, rule.fpr);
  return reals.length < set.scores.length ? selectThreshold(set, 'youden') : undefined;
}
