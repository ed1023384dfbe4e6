/** What a fairness report holds; `deepcode fairness report --json` prints it as it is. */
import type { DemographicAttribute } from '../../data/demographics/demographics.js';
import type { ConfusionMatrix } from '../../metrics/confusion.js';
import type { Estimate } from '../metrics/estimate.js';
import type { FigureName, RateName } from '../metrics/figures.js';
import type { ThresholdRule } from '../thresholds.js';

/** One group. Rates are from 0 to 1 and null where the group has none of the images that they are made of. */
export interface GroupReport extends Record<RateName, Estimate | null> {
  group: string;
  values: Readonly<Partial<Record<DemographicAttribute, string>>>;
  count: number;
  real: number;
  fake: number;
  /** "Fake when score >= threshold". */
  threshold: number;
  confusion: ConfusionMatrix;
  /** Rates for which the group has too few images: they are shown, but no figure is made of them. */
  tooSmallFor: RateName[];
}

export interface FigureReport {
  /** 0 is fair. Null where it cannot be computed. */
  estimate: Estimate | null;
  /** Why it cannot be computed, or null. */
  reason: string | null;
  /** Names of the groups that have too few images for some of the rates it compares, and take no part in those. */
  leftOut: string[];
}

/** The groups of one attribute, or of the intersection of several. */
export interface FamilyReport {
  /** "race", or "gender x race". */
  name: string;
  attributes: readonly DemographicAttribute[];
  groups: GroupReport[];
  /** Rates of all images of these groups together: what the sums of deviations are measured from. */
  pooled: Readonly<Record<RateName, number | null>>;
  figures: Readonly<Record<FigureName, FigureReport>>;
  /** Intersections without images, whose values do occur. */
  empty: string[];
  /** Images left out because the data set does not say the attribute. */
  unknown: number;
  predicted: number;
  meanConfidence: number | null;
}

export interface FairnessReport {
  /** Names for readers; null where none was given. */
  model: string | null;
  data: string | null;
  count: number;
  real: number;
  fake: number;
  threshold: { rule: ThresholdRule; ofModel: number };
  minGroup: number;
  bootstrap: { resamples: number; confidence: number; seed: number };
  /** All images as one group. */
  overall: GroupReport;
  /** One an attribute, then their intersection where there are several. */
  families: FamilyReport[];
  /** What a reader must know: what could not be computed and why, groups too small to judge, and the like. */
  notes: string[];
}
