/** The rates of one group. */
import type { DemographicAttribute } from '../../data/demographics/demographics.js';
import { confusionMatrix } from '../../metrics/confusion.js';
import { rocAuc } from '../../metrics/roc.js';
import { estimate } from '../metrics/estimate.js';
import { isLargeEnough, type RateName } from '../metrics/figures.js';
import { ratesOf, resampleGroup, seedOf, type GroupResamples } from '../metrics/group-bootstrap.js';
import { countPersons, type GroupImages } from '../metrics/persons.js';
import { groupRates, type GroupRates } from '../metrics/rates.js';
import type { FairnessSettings } from '../options.js';
import type { GroupReport } from './types.js';

export const RATES = ['accuracy', 'auc', 'tpr', 'fpr'] as const satisfies readonly RateName[];

export interface GroupContext {
  /** Names the group in the whole report: its draws follow from it. */
  key: string;
  threshold: number;
  settings: FairnessSettings;
}

/** A group's report with what its family's figures are made of. */
export interface MeasuredGroup {
  report: GroupReport;
  rates: GroupRates;
  resamples: GroupResamples;
}

export const pick = ({ scores, labels, identities }: GroupImages, members: readonly number[]): GroupImages => ({
  scores: members.map((i) => scores[i]!),
  labels: members.map((i) => labels[i]!),
  identities: identities && members.map((i) => identities[i]),
});

/** @param own the group's images alone; at least one */
export function groupReport(
  group: { name: string; values: Readonly<Partial<Record<DemographicAttribute, string>>> },
  own: GroupImages,
  { key, threshold, settings }: GroupContext,
): MeasuredGroup {
  const { resamples: count, confidence, seed, minGroup } = settings;
  const confusion = confusionMatrix(own, threshold);
  const rates = groupRates(confusion, rocAuc(own));
  const resamples = resampleGroup(own, threshold, count, seedOf(key, seed));
  const resampled = Array.from({ length: count }, (_, b) => ratesOf(resamples, b));
  const estimates = Object.fromEntries(
    RATES.map((name) => [name, estimate(rates[name], Float64Array.from(resampled, (each) => each[name]!), confidence)]),
  ) as Pick<GroupReport, RateName>;
  const tooSmallFor = RATES.filter((name) => !isLargeEnough(rates, name, minGroup));
  const { count: n, real, fake } = rates;
  const persons = countPersons(own);
  const report = { group: group.name, values: group.values, count: n, real, fake, persons, threshold, confusion, ...estimates, tooSmallFor };
  return { report, rates, resamples };
}
