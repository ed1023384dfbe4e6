/** Options of the fairness report: their defaults and ranges. */
import { DEMOGRAPHIC_ATTRIBUTES, type DemographicAttribute } from '../data/demographics/demographics.js';
import { invalidArgument } from '../errors.js';
import { integer, real, resolveOptions, text, type Given } from '../options.js';
import { parseThresholdRule, type ThresholdRule } from './thresholds.js';

export const FAIRNESS_OPTIONS = {
  groups: text({
    placeholder: 'LIST',
    help: `attributes with commas between, of ${DEMOGRAPHIC_ATTRIBUTES.join(', ')}, for the groups and their intersections (default: all that the data has)`,
  }),
  ageBins: text({
    default: '18,30,45,60',
    placeholder: 'LIST',
    help: 'ages at which a new group begins; the first group is all below',
  }),
  minGroup: integer({
    default: 30,
    min: 1,
    max: 1e9,
    help: 'images of the class that a rate is made of, for a group to be judged by that rate; smaller groups are named',
  }),
  threshold: text({
    default: 'model',
    placeholder: 'RULE',
    help:
      "from which score on an image counts as fake: model (the detector's own), a score from 0 to 1, fpr:RATE (the same for all, at that " +
      'overall FPR), group-fpr:RATE (one a group, at that FPR) or group-youden (one a group, the largest TPR - FPR)',
  }),
  resamples: integer({ default: 1000, min: 100, max: 100_000, help: 'bootstrap resamples' }),
  confidence: real({ default: 0.95, min: 0.5, max: 0.999, help: 'coverage of the intervals' }),
  seed: integer({ default: 0, min: 0, max: 0xffffffff, help: 'seed of the bootstrap' }),
} as const;

export type FairnessOptions = Given<typeof FAIRNESS_OPTIONS>;

/** Checked and parsed. */
export interface FairnessSettings {
  /** Undefined: all that the data has. */
  groups: readonly DemographicAttribute[] | undefined;
  /** Ascending. */
  ageBins: readonly number[];
  minGroup: number;
  rule: ThresholdRule;
  resamples: number;
  confidence: number;
  seed: number;
}

const MOST_BINS = 12;

const parts = (given: string): string[] => given.split(',').map((part) => part.trim());

/**
 * Different attributes by comma.
 *
 * @throws TypeError naming the option
 */
export function parseAttributes(option: string, given: string): readonly DemographicAttribute[] {
  const names = parts(given);
  const known = (name: string): name is DemographicAttribute => (DEMOGRAPHIC_ATTRIBUTES as readonly string[]).includes(name);
  if (names.every(known) && new Set(names).size === names.length) return names;
  throw invalidArgument(option, `different ones of ${DEMOGRAPHIC_ATTRIBUTES.join(', ')}, with commas between`, given);
}

/** @throws TypeError */
export function parseAgeBins(given: string): readonly number[] {
  const bins = parts(given).map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : NaN));
  const ascending = bins.every((bin, i) => bin > (bins[i - 1] ?? 0));
  if (ascending && bins.length <= MOST_BINS) return bins;
  throw invalidArgument('ageBins', `up to ${MOST_BINS} ascending ages such as 18,30,45,60`, given);
}

/** @throws TypeError, RangeError */
export function fairnessSettings(options: FairnessOptions = {}): FairnessSettings {
  const { groups, ageBins, threshold, ...rest } = resolveOptions(FAIRNESS_OPTIONS, options);
  return {
    ...rest,
    groups: groups === undefined ? undefined : parseAttributes('groups', groups),
    ageBins: parseAgeBins(ageBins),
    rule: parseThresholdRule(threshold),
  };
}
