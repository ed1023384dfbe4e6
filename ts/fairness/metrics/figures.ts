/**
 * Fairness figures over the groups of one attribute or intersection: 0 is fair, larger is worse.
 *
 * Lin et al. 2024, "Preserving Fairness Generalization in Deepfake Detection" (CVPR), section 4.1, for F_FPR, F_MEO,
 * F_DP and F_OAE; Lin et al. 2025, "AI-Face" (CVPR), for F_EO. With Y the class, Y' the decision (1 fake) and D the
 * group J:
 *   F_FPR = sum over J of |P(Y' = 1 | D = J, Y = 0) - P(Y' = 1 | Y = 0)|             here fprSum
 *   F_MEO = max over y', y of (max - min over J of P(Y' = y' | D = J, Y = y))        maxEqualizedOdds
 *   F_DP  = max over y' of (max - min over J of P(Y' = y' | D = J))                  demographicParity
 *   F_OAE = max - min over J of P(Y' = Y | D = J)                                    accuracyEquality
 *   F_EO  = sum over J and y of |P(Y' = 1 | D = J, Y = y) - P(Y' = 1 | Y = y)|       equalizedOddsSum
 * The paper's equation of F_FPR is the sum; its evaluation script prints the gap max - min under the same name, which
 * is here fprGap. Figures of the two kinds cannot be compared: the sum grows with the number of groups.
 *
 * Deliberate difference: a group with too few images of a kind takes no part in the figures that need that kind
 * (the overall rates are still those of all images). With `minimum` 1 the figures are the papers'.
 */
import { checkEach, checkKind } from '../../arguments.js';
import type { GroupRates } from './rates.js';

export const FIGURES = [
  'fprGap',
  'fprSum',
  'maxEqualizedOdds',
  'demographicParity',
  'accuracyEquality',
  'equalizedOddsSum',
  'tprGap',
  'aucGap',
] as const;
export type FigureName = (typeof FIGURES)[number];

/** Which images a rate is made of. */
type Kind = 'real' | 'fake' | 'any' | 'both';
export type RateName = 'accuracy' | 'auc' | 'tpr' | 'fpr';
type Column = RateName | 'fnr' | 'tnr' | 'positiveRate' | 'negativeRate';

const KIND_OF_RATE: Readonly<Record<Column, Kind>> = {
  accuracy: 'any',
  positiveRate: 'any',
  negativeRate: 'any',
  auc: 'both',
  tpr: 'fake',
  fnr: 'fake',
  fpr: 'real',
  tnr: 'real',
};

const COLUMNS = Object.keys(KIND_OF_RATE) as Column[];

/** The rates that each figure compares. */
export const RATES_OF_FIGURE: Readonly<Record<FigureName, readonly Column[]>> = {
  fprGap: ['fpr'],
  fprSum: ['fpr'],
  maxEqualizedOdds: ['tpr', 'fpr', 'tnr', 'fnr'],
  demographicParity: ['positiveRate', 'negativeRate'],
  accuracyEquality: ['accuracy'],
  equalizedOddsSum: ['tpr', 'fpr'],
  tprGap: ['tpr'],
  aucGap: ['auc'],
};

/** True where a group has at least `minimum` of the images that a rate is made of (of each class, for the AUC). */
export function isLargeEnough(group: GroupRates, rate: Column, minimum: number): boolean {
  const { real, fake, count } = group;
  const sizes = { real, fake, any: count, both: Math.min(real, fake) };
  return sizes[KIND_OF_RATE[rate]] >= Math.max(minimum, 1);
}

type Values = Record<Column, number[]>;

/** max - min; null with fewer than two groups to compare. */
const gap = (values: readonly number[]): number | null =>
  values.length < 2 ? null : Math.max(...values) - Math.min(...values);

function widest(values: Values, rates: readonly Column[]): number | null {
  const gaps = rates.map((rate) => gap(values[rate]));
  return gaps.includes(null) ? null : Math.max(...(gaps as number[]));
}

function deviations(values: Values, overall: GroupRates, rates: readonly Column[]): number | null {
  let sum = 0;
  for (const rate of rates) {
    if (values[rate].length < 2) return null;
    for (const value of values[rate]) sum += Math.abs(value - overall[rate]!);
  }
  return sum;
}

const SIZES = { count: 'number', real: 'number', fake: 'number' } as const;
const SUMS: readonly FigureName[] = ['fprSum', 'equalizedOddsSum'];

/**
 * All figures over these groups; null where fewer than two groups have enough images for every rate it needs.
 *
 * @param overall rates of all images of these groups together
 * @param minimum images of the kind that a rate is made of, for a group to be judged by it; at least 1
 * @throws TypeError for what are no rates or no number
 */
export function fairnessFigures(
  groups: readonly GroupRates[],
  overall: GroupRates,
  minimum: number,
): Record<FigureName, number | null> {
  checkEach('groups', groups, SIZES);
  checkKind('overall', 'object', overall);
  checkKind('minimum', 'number', minimum);
  const judged = (rate: Column): number[] =>
    groups.flatMap((group) => (group[rate] !== null && isLargeEnough(group, rate, minimum) ? [group[rate]] : []));
  const values = Object.fromEntries(COLUMNS.map((rate) => [rate, judged(rate)])) as Values;
  const figures = FIGURES.map((name) => {
    const rates = RATES_OF_FIGURE[name];
    return [name, SUMS.includes(name) ? deviations(values, overall, rates) : widest(values, rates)];
  });
  return Object.fromEntries(figures) as Record<FigureName, number | null>;
}
