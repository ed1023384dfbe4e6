/** The charts of a report. */
import { barChart, type Bar } from '../../plots/index.js';
import type { Domain } from '../../plots/scale.js';
import type { Estimate } from '../metrics/estimate.js';
import { FIGURES, type FigureName, type RateName } from '../metrics/figures.js';
import { checkReport } from './check.js';
import type { FairnessReport, FamilyReport, GroupReport } from './types.js';
import { FIGURE_LABELS, FIGURES_READING, RATE_LABELS, SMALL_MARK } from './wording.js';

const percentText = ({ bootstrap }: FairnessReport): string => `${+(100 * bootstrap.confidence).toFixed(1)} %`;

const toBar = (estimate: Estimate | null): Bar =>
  estimate === null ? { value: null } : { value: estimate.value, interval: [estimate.lower, estimate.upper] };

/** The top of an axis that begins at 0: the next tenth above every interval, so that small rates can be told apart. */
function domainOf(estimates: readonly (Estimate | null)[]): Domain {
  const highest = Math.max(0.1, ...estimates.map((each) => each?.upper ?? 0));
  return [0, Math.ceil(10 * highest - 1e-9) / 10];
}

interface RateChart {
  rate: RateName;
  title: string;
  valueLabel: string;
  /** What the numbers beside the groups count. */
  counted: string;
  size: (group: GroupReport) => string;
}

const RATE_CHARTS: readonly RateChart[] = [
  {
    rate: 'fpr',
    title: 'False positive rate',
    valueLabel: 'FPR: real photos called fake',
    counted: 'real images',
    size: ({ real }) => String(real),
  },
  {
    rate: 'tpr',
    title: 'True positive rate',
    valueLabel: 'TPR: fakes called fake',
    counted: 'fake images',
    size: ({ fake }) => String(fake),
  },
  { rate: 'auc', title: 'AUC', valueLabel: 'AUC', counted: 'real + fake images', size: ({ real, fake }) => `${real} + ${fake}` },
];

function rateChart(report: FairnessReport, family: FamilyReport, { rate, title, valueLabel, counted, size }: RateChart): string | undefined {
  const estimates = family.groups.map((group) => group[rate]);
  if (estimates.every((each) => each === null)) return undefined;
  const small = family.groups.filter((group) => group[rate] !== null && group.tooSmallFor.includes(rate));
  const overall = family.pooled[rate];
  const subtitle = `In brackets: ${counted}; ${percentText(report)} bootstrap intervals`;
  return barChart({
    title: `${title} by ${family.name}`,
    subtitle: small.length === 0 ? subtitle : `${subtitle}; ${SMALL_MARK} fewer than ${report.minGroup}`,
    categories: family.groups.map((group) => `${small.includes(group) ? `${SMALL_MARK} ` : ''}${group.group} (${size(group)})`),
    series: [{ name: RATE_LABELS[rate], bars: estimates.map(toBar) }],
    valueLabel,
    domain: domainOf(estimates),
    ...(overall !== null && { reference: { value: overall, label: 'all' } }),
  });
}

function figuresChart(report: FairnessReport): string | undefined {
  const { families } = report;
  const names = FIGURES.filter((name) => families.some(({ figures }) => figures[name].estimate !== null));
  if (names.length === 0) return undefined;
  const estimates = (name: FigureName): (Estimate | null)[] => families.map(({ figures }) => figures[name].estimate);
  return barChart({
    title: 'Fairness figures',
    subtitle: FIGURES_READING,
    categories: names.map((name) => FIGURE_LABELS[name]),
    series: families.map((family) => ({ name: family.name, bars: names.map((name) => toBar(family.figures[name].estimate)) })),
    valueLabel: `0 is fair; with ${percentText(report)} bootstrap intervals`,
    domain: domainOf(names.flatMap(estimates)),
  });
}

/**
 * SVG documents: the figures, then for each attribute and intersection FPR, TPR and AUC as far as there are any.
 *
 * @throws TypeError for what is no report
 */
export function fairnessCharts(report: FairnessReport): string[] {
  checkReport(report);
  const charts = report.families.flatMap((family) => RATE_CHARTS.map((chart) => rateChart(report, family, chart)));
  return [figuresChart(report), ...charts].filter((svg) => svg !== undefined);
}
