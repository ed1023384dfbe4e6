/** What a reader must know of a report: nothing is left out silently. */
import { isFitted, isPerGroup } from '../thresholds.js';
import { FIGURES } from '../metrics/figures.js';
import { RATES } from './group.js';
import { certain, drawingNotes, figureReading, personNotes } from './interval-notes.js';
import type { FairnessReport, FamilyReport, GroupReport } from './types.js';
import { FIGURE_LABELS, listText, RATE_LABELS } from './wording.js';

type Contents = Omit<FairnessReport, 'notes'>;

/** A gap of the shares of fakes that a reader is told of. */
const NOTICEABLE = 0.1;

function classNotes({ real, fake }: Contents): string[] {
  if (fake === 0) {
    return [
      'There are no fake images: AUC, TPR and the figures made of them (F_MEO, F_EO, TPR gap, AUC gap) cannot be computed. ' +
        'Accuracy is 1 - FPR and the share called fake is the FPR, so F_OAE and F_DP say the same as F_FPR (gap).',
    ];
  }
  if (real === 0) {
    return [
      'There are no real images: AUC, FPR and the figures made of them (F_FPR, F_MEO, F_EO, AUC gap) cannot be computed. ' +
        'Accuracy is the TPR and so is the share called fake, so F_OAE and F_DP say the same as the TPR gap.',
    ];
  }
  return [];
}

/** Figures without a value, by reason, where the whole report's classes do not explain it. */
function figureNotes(family: FamilyReport, { real, fake }: Contents): string[] {
  const byReason = new Map<string, string[]>();
  for (const name of FIGURES) {
    const { reason } = family.figures[name];
    const known = (fake === 0 && reason === 'there are no fake images') || (real === 0 && reason === 'there are no real images');
    if (reason === null || known) continue;
    byReason.set(reason, [...(byReason.get(reason) ?? []), FIGURE_LABELS[name]]);
  }
  return [...byReason].map(([reason, names]) => `${family.name}: ${names.join(', ')} cannot be computed: ${reason}.`);
}

/** Groups too small for a rate that other groups of the report have; rates with the same groups share a note. */
function sizeNotes(family: FamilyReport, { minGroup, real, fake }: Contents): string[] {
  const possible = { accuracy: true, auc: real > 0 && fake > 0, tpr: fake > 0, fpr: real > 0 };
  const ratesOf = new Map<string, string[]>();
  for (const rate of RATES.filter((each) => possible[each])) {
    const small = family.groups.filter(({ tooSmallFor }) => tooSmallFor.includes(rate));
    const names = small.map((group) => {
      const size = { accuracy: group.count, auc: Math.min(group.real, group.fake), tpr: group.fake, fpr: group.real }[rate];
      return `${group.group} (${size})`;
    });
    if (names.length === 0) continue;
    const list = listText(names, 60);
    ratesOf.set(list, [...(ratesOf.get(list) ?? []), RATE_LABELS[rate]]);
  }
  return [...ratesOf].map(([list, rates]) => `${family.name}: too small to judge by ${rates.join(' and ')}, with fewer than ${minGroup} images to make it of: ${list}.`);
}

function peopleNotes(family: FamilyReport, count: number): string[] {
  const notes: string[] = [];
  if (family.empty.length > 0) notes.push(`${family.name}: no images of ${listText(family.empty, 60)}.`);
  if (family.unknown > 0) notes.push(`${family.name}: ${family.unknown} of ${count} images belong to no group, for want of their ${family.attributes.join(' or ')}.`);
  if (family.attributes.length === 1 && family.predicted > 0) {
    const mean = family.meanConfidence === null ? 'confidence not stated' : `mean confidence ${family.meanConfidence.toFixed(2)}`;
    notes.push(`${family.name}: predicted by a network, not stated, for ${family.predicted} of ${count} images (${mean}).`);
  }
  return notes;
}

/** F_DP of a detector without an error is the gap of the shares of fakes. */
function shareNotes({ name, figures, groups }: FamilyReport): string[] {
  const share = ({ fake, count }: GroupReport): number => fake / count;
  const judged = groups.filter(({ group }) => !figures.demographicParity.leftOut.includes(group)).sort((a, b) => share(a) - share(b));
  const [least, most] = [judged[0], judged.at(-1)];
  if (!least || !most || share(most) - share(least) < NOTICEABLE) return [];
  const end = (group: GroupReport): string => `${share(group).toFixed(2)} (${group.group})`;
  const gap = (share(most) - share(least)).toFixed(2);
  return [`${name}: the share of fakes is from ${end(least)} to ${end(most)}: even without a single error F_DP would be ${gap}, and F_OAE depends on it, too.`];
}

/** Groups with the threshold of all images for want of their own. */
function ownThresholdNotes({ name, withoutOwnThreshold }: FamilyReport, { threshold: { applied, common } }: Contents): string[] {
  if (withoutOwnThreshold.length === 0 || applied === 'model') return [];
  return [
    `${name}: for want of the images that a threshold of their own is read from, these groups have the one for all images, ` +
      `${common.toFixed(3)}: ${listText(withoutOwnThreshold)}.`,
  ];
}

function thresholdNotes({ threshold: { rule, ofModel, applied }, real }: Contents): string[] {
  if (!isFitted(rule)) return [];
  if (applied === 'model') {
    return [`No threshold could be chosen, as there are no ${real === 0 ? 'real' : 'fake'} images: the model's own, ${ofModel.toFixed(3)}, is used.`];
  }
  const whose = isPerGroup(rule) && applied === 'rule' ? 'Thresholds were' : 'The threshold was';
  return [`${whose} chosen on these very images, which flatters the rates; the intervals take the choice as given.`];
}

/** @param more notes on the data */
export function reportNotes(report: Contents, more: readonly string[]): string[] {
  return [
    ...classNotes(report),
    ...thresholdNotes(report),
    ...figureReading(report),
    ...drawingNotes(report),
    ...more,
    ...report.families.flatMap((family) => [
      ...figureNotes(family, report),
      ...ownThresholdNotes(family, report),
      ...sizeNotes(family, report),
      ...personNotes(family, report),
      ...peopleNotes(family, report.count),
      ...certain(family),
      ...(report.real > 0 && report.fake > 0 ? shareNotes(family) : []),
    ]),
  ];
}
