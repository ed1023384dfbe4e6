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

/** "the model's own, 0.414", or the rule with the model's own beside it. */
export function thresholdText({ threshold: { rule, ofModel } }: FairnessReport): string {
  const own = ofModel.toFixed(3);
  return rule.kind === 'model' ? `${ruleText(rule)}, ${own}` : `${ruleText(rule)} (the model's own is ${own})`;
}
