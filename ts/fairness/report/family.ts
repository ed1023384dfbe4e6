/** All groups of one attribute or intersection, and the figures over them. */
import { rocAuc } from '../../metrics/roc.js';
import { estimate } from '../metrics/estimate.js';
import { FIGURES, fairnessFigures, isLargeEnough, RATES_OF_FIGURE, type FigureName } from '../metrics/figures.js';
import { countsOf, ratesOf } from '../metrics/group-bootstrap.js';
import { groupRates, pooledCounts } from '../metrics/rates.js';
import type { Grouping } from '../groups.js';
import type { FairnessSettings } from '../options.js';
import { isPerGroup, thresholdOn } from '../thresholds.js';
import { groupReport, pick, type MeasuredGroup, type Scores } from './group.js';
import type { FamilyReport, FigureReport } from './types.js';

export interface FamilyContext {
  settings: FairnessSettings;
  /** The detector's own threshold. */
  ofModel: number;
  /** The threshold where the rule gives one for all. */
  common: number;
}

type Figures = Record<FigureName, number | null>;

/** Pauses after every group: resampling a large one takes its time. */
function* measure(all: Scores, grouping: Grouping, context: FamilyContext, notes: string[]): Generator<void, MeasuredGroup[]> {
  const { settings, ofModel, common } = context;
  const family = grouping.attributes.join(' x ');
  const measured: MeasuredGroup[] = [];
  for (const group of grouping.groups) {
    const own = pick(all, group.members);
    const ownThreshold = isPerGroup(settings.rule) ? thresholdOn(own, settings.rule, ofModel) : common;
    if (ownThreshold === undefined) {
      notes.push(`${family}: ${group.name} lacks the images that its own threshold is read from; the threshold for all is used.`);
    }
    measured.push(groupReport(group, own, { key: `${family}=${group.name}`, threshold: ownThreshold ?? common, settings }));
    yield;
  }
  return measured;
}

/** The figures of every resample: resample b of the family is resample b of each of its groups. */
function resampledFigures(groups: readonly MeasuredGroup[], { resamples, minGroup }: FairnessSettings): Figures[] {
  return Array.from({ length: resamples }, (_, b) => {
    const rates = groups.map((group) => ratesOf(group.resamples, b));
    const overall = groupRates(pooledCounts(groups.map((group) => countsOf(group.resamples, b))), null);
    return fairnessFigures(rates, overall, minGroup);
  });
}

/** Why a figure has no value: a class that is missing altogether says more than groups that are too small. */
function reasonFor(name: FigureName, groups: readonly MeasuredGroup[], minimum: number): string {
  const rates = RATES_OF_FIGURE[name];
  const total = (kind: 'real' | 'fake'): number => groups.reduce((sum, group) => sum + group.rates[kind], 0);
  if (groups.length < 2) return 'there are fewer than two groups';
  const needs = (...kinds: string[]): boolean => rates.some((rate) => kinds.includes(rate));
  if (total('fake') === 0 && needs('tpr', 'auc')) return 'there are no fake images';
  if (total('real') === 0 && needs('fpr', 'auc')) return 'there are no real images';
  return `fewer than two groups have ${minimum} of the images that it needs`;
}

function figureReports(groups: readonly MeasuredGroup[], figures: Figures, settings: FairnessSettings): FamilyReport['figures'] {
  const { minGroup, confidence } = settings;
  const resampled = resampledFigures(groups, settings);
  const entries = FIGURES.map((name): [FigureName, FigureReport] => {
    const values = Float64Array.from(resampled, (each) => each[name] ?? 0);
    const leftOut = groups.filter(({ rates }) => !RATES_OF_FIGURE[name].every((rate) => isLargeEnough(rates, rate, minGroup)));
    return [
      name,
      {
        estimate: estimate(figures[name], values, confidence),
        reason: figures[name] === null ? reasonFor(name, groups, minGroup) : null,
        leftOut: leftOut.map(({ report }) => report.group),
      },
    ];
  });
  return Object.fromEntries(entries) as FamilyReport['figures'];
}

/** @returns the report, and what its reader must know of thresholds that could not be had */
export function* familyReport(
  all: Scores,
  grouping: Grouping,
  context: FamilyContext,
): Generator<void, { report: FamilyReport; notes: string[] }> {
  const notes: string[] = [];
  const groups = yield* measure(all, grouping, context, notes);
  const labelled = pick(all, grouping.groups.flatMap(({ members }) => members));
  const pooled = groupRates(pooledCounts(groups.map(({ report }) => report.confusion)), rocAuc(labelled));
  const figures = fairnessFigures(groups.map(({ rates }) => rates), pooled, context.settings.minGroup);
  const { attributes, empty, unknown, predicted, meanConfidence } = grouping;
  const { accuracy, auc, tpr, fpr } = pooled;
  const report: FamilyReport = {
    name: attributes.join(' x '),
    attributes,
    groups: groups.map((group) => group.report),
    pooled: { accuracy, auc, tpr, fpr },
    figures: figureReports(groups, figures, context.settings),
    empty,
    unknown,
    predicted,
    meanConfidence,
  };
  return { report, notes };
}
