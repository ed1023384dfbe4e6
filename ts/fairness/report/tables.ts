/** The tables of a report, for a terminal and for Markdown. */
import { formatTable } from '../../plots/table.js';
import { FIGURES } from '../metrics/figures.js';
import { RATES } from './group.js';
import { ruleText } from '../thresholds.js';
import type { FairnessReport, FamilyReport, GroupReport } from './types.js';
import { estimateText, FIGURE_LABELS, RATE_LABELS, rateText } from './wording.js';

type Style = 'text' | 'markdown';

/** One line a group, with intervals. */
export function groupsTable(groups: readonly GroupReport[], style: Style = 'text'): string {
  const columns = ['real', 'fake', 'threshold', ...RATES.map((rate) => RATE_LABELS[rate])];
  return formatTable({
    columns: [{ header: 'group' }, ...columns.map((header) => ({ header, align: 'right' as const }))],
    rows: groups.map((group) => [
      group.group,
      String(group.real),
      String(group.fake),
      group.threshold.toFixed(3),
      ...RATES.map((rate) => rateText(group, rate)),
    ]),
    style,
  });
}

/** One line a figure, one column an attribute or intersection. */
export function figuresTable(families: readonly FamilyReport[], style: Style = 'text'): string {
  return formatTable({
    columns: [{ header: 'figure' }, ...families.map(({ name }) => ({ header: name, align: 'right' as const }))],
    rows: FIGURES.map((name) => [FIGURE_LABELS[name], ...families.map((family) => estimateText(family.figures[name].estimate))]),
    style,
  });
}

/** What was measured, in one line. */
export function headline({ model, data, count, real, fake }: FairnessReport): string {
  const whose = [model, data].filter((name) => name !== null).join(' on ');
  return `${whose === '' ? '' : `${whose}: `}${count} images, ${real} real and ${fake} fake`;
}

/** Of the threshold's rule, the class that is missing. */
const lackingText = ({ real }: Pick<FairnessReport, 'real'>): string => `there are no ${real === 0 ? 'real' : 'fake'} images`;

/** "the model's own, 0.414", or the rule with the model's own beside it; where it could not be followed, what was done. */
export function thresholdText(report: FairnessReport): string {
  const { rule, ofModel, common, applied } = report.threshold;
  const own = ofModel.toFixed(3);
  if (rule.kind === 'model') return `${ruleText(rule)}, ${own}`;
  if (applied === 'model') return `the model's own, ${own}, and not ${ruleText(rule)}: ${lackingText(report)}`;
  if (applied === 'common') {
    return `one for all, ${common.toFixed(3)}, and not ${ruleText(rule)}: no group has the images for its own (the model's own is ${own})`;
  }
  return `${ruleText(rule)} (the model's own is ${own})`;
}
