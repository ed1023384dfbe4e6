/** The words of the report's tables and charts. */
import type { Estimate } from '../metrics/estimate.js';
import type { FigureName, RateName } from '../metrics/figures.js';
import type { GroupReport } from './types.js';

export const RATE_LABELS: Readonly<Record<RateName, string>> = {
  accuracy: 'accuracy',
  auc: 'AUC',
  tpr: 'TPR',
  fpr: 'FPR',
};

export const FIGURE_LABELS: Readonly<Record<FigureName, string>> = {
  fprGap: 'F_FPR (gap)',
  fprSum: 'F_FPR (sum)',
  maxEqualizedOdds: 'F_MEO',
  demographicParity: 'F_DP',
  accuracyEquality: 'F_OAE',
  equalizedOddsSum: 'F_EO (sum)',
  tprGap: 'TPR gap',
  aucGap: 'AUC gap',
};

export const FIGURE_MEANINGS: Readonly<Record<FigureName, string>> = {
  fprGap: 'largest minus smallest FPR',
  fprSum: "sum of every group's deviation from the overall FPR",
  maxEqualizedOdds: 'equalised odds: the larger of the gaps of FPR and TPR',
  demographicParity: 'largest minus smallest share that is called fake',
  accuracyEquality: 'largest minus smallest accuracy',
  equalizedOddsSum: "equalised odds: sum of every group's deviations from the overall FPR and TPR",
  tprGap: 'largest minus smallest TPR',
  aucGap: 'largest minus smallest AUC',
};

/** What a reader of the figures must know, the same in every output: see `figureEstimate`. */
export const FIGURES_READING = 'In small groups chance alone makes a gap; only an interval above 0 shows a difference.';

/** Marks a rate that too few images are behind. */
export const SMALL_MARK = '*';
export const NOT_COMPUTED = '–';

/** "0.123 [0.100, 0.150]". */
export function estimateText(estimate: Estimate | null): string {
  if (estimate === null) return NOT_COMPUTED;
  const { value, lower, upper } = estimate;
  return `${value.toFixed(3)} [${lower.toFixed(3)}, ${upper.toFixed(3)}]`;
}

/** As {@link estimateText}, marked where the group is too small for this rate. */
export function rateText(group: GroupReport, rate: RateName): string {
  const text = estimateText(group[rate]);
  return group[rate] !== null && group.tooSmallFor.includes(rate) ? `${text} ${SMALL_MARK}` : text;
}

/** At most `limit` of the names, then how many more there are. */
export function listText(names: readonly string[], limit = 8): string {
  const shown = names.slice(0, limit).join('; ');
  return names.length <= limit ? shown : `${shown}; and ${names.length - limit} more`;
}
