/** All groups of one attribute or intersection, and the figures over them. */
import { rocAuc } from '../../metrics/roc.js';
import { FIGURES, fairnessFigures, isLargeEnough, RATES_OF_FIGURE, type FigureName } from '../metrics/figures.js';
import { figureEstimate, resampleFigures } from '../metrics/figure-bootstrap.js';
import type { GroupImages } from '../metrics/persons.js';
import { groupRates, pooledCounts, type GroupRates } from '../metrics/rates.js';
import type { Grouping } from '../groups.js';
import type { FairnessSettings } from '../options.js';
import { isPerGroup, thresholdOn } from '../thresholds.js';
import { groupReport, pick, type MeasuredGroup } from './group.js';
import type { FamilyReport, FigureReport } from './types.js';

export interface FamilyContext {
  settings: FairnessSettings;
  /** The detector's own threshold. */
  ofModel: number;
  /** The threshold where the rule gives one for all; undefined: not even all images have the class that it needs. */
  common: number | undefined;
}

type Figures = Record<FigureName, number | null>;

/** Pauses after every group: resampling a large one takes its time. */
function* measure(all: GroupImages, grouping: Grouping, context: FamilyContext): Generator<void, { groups: MeasuredGroup[]; withoutOwnThreshold: string[] }> {
  const { settings, ofModel } = context;
  const common = context.common ?? ofModel;
  const family = grouping.attributes.join(' x ');
  const groups: MeasuredGroup[] = [];
  const withoutOwnThreshold: string[] = [];
  for (const group of grouping.groups) {
    const own = pick(all, group.members);
    const ownThreshold = isPerGroup(settings.rule) ? thresholdOn(own, settings.rule, ofModel) : common;
    if (isPerGroup(settings.rule) && ownThreshold === undefined) withoutOwnThreshold.push(group.name);
    groups.push(groupReport(group, own, { key: `${family}=${group.name}`, threshold: ownThreshold ?? common, settings }));
    yield;
  }
  return { groups, withoutOwnThreshold };
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

function figureReports(groups: readonly MeasuredGroup[], overall: GroupRates, settings: FairnessSettings): FamilyReport['figures'] {
  const { minGroup, confidence } = settings;
  const figures: Figures = fairnessFigures(groups.map(({ rates }) => rates), overall, minGroup);
  const resampled = resampleFigures(groups, overall, settings);
  const entries = FIGURES.map((name): [FigureName, FigureReport] => {
    const leftOut = groups.filter(({ rates }) => !RATES_OF_FIGURE[name].every((rate) => isLargeEnough(rates, rate, minGroup)));
    return [
      name,
      {
        estimate: figureEstimate(figures[name], resampled[name], confidence),
        reason: figures[name] === null ? reasonFor(name, groups, minGroup) : null,
        leftOut: leftOut.map(({ report }) => report.group),
      },
    ];
  });
  return Object.fromEntries(entries) as FamilyReport['figures'];
}

/** @param all every image, those of no group too */
export function* familyReport(
  all: GroupImages,
  grouping: Grouping,
  context: FamilyContext,
): Generator<void, FamilyReport> {
  const { groups, withoutOwnThreshold } = yield* measure(all, grouping, context);
  const labelled = pick(all, grouping.groups.flatMap(({ members }) => members));
  const pooled = groupRates(pooledCounts(groups.map(({ report }) => report.confusion)), rocAuc(labelled));
  const { attributes, empty, unknown, predicted, meanConfidence } = grouping;
  const { accuracy, auc, tpr, fpr } = pooled;
  return {
    name: attributes.join(' x '),
    attributes,
    groups: groups.map((group) => group.report),
    pooled: { accuracy, auc, tpr, fpr },
    figures: figureReports(groups, pooled, context.settings),
    empty,
    unknown,
    predicted,
    meanConfidence,
    withoutOwnThreshold,
  };
}
