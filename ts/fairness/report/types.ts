/** What a fairness report holds; `deepcode fairness report --json` prints it as it is. */
import type { DemographicAttribute } from '../../data/demographics/demographics.js';
import type { ConfusionMatrix } from '../../metrics/confusion.js';
import type { Estimate } from '../metrics/estimate.js';
import type { FigureName, RateName } from '../metrics/figures.js';
import type { PersonCounts } from '../metrics/persons.js';
import type { ThresholdRule } from '../thresholds.js';

/** One group. Rates are from 0 to 1 and null where the group has none of the images that they are made of. */
export interface GroupReport extends Record<RateName, Estimate | null> {
  group: string;
  values: Readonly<Partial<Record<DemographicAttribute, string>>>;
  count: number;
  real: number;
  fake: number;
  /** How many persons the real photos show, and the fakes; an image whose person is not known counts as one of its own. */
  persons: PersonCounts;
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
  /** Groups without the images that a threshold of their own is read from; they have the one of all images. */
  withoutOwnThreshold: string[];
}

export interface AppliedThreshold {
  rule: ThresholdRule;
  ofModel: number;
  /** All images' threshold. */
  common: number;
  /**
   * What came of the rule. 'rule': it was followed, by one group at least; 'common': no group has the images for a
   * threshold of its own, so all have the one that the rule gives for all images; 'model': not even all images
   * together have them, and the detector's own is used.
   */
  applied: 'rule' | 'common' | 'model';
}

export interface FairnessReport {
  /** Names for readers; null where none was given. */
  model: string | null;
  data: string | null;
  count: number;
  real: number;
  fake: number;
  threshold: AppliedThreshold;
  minGroup: number;
  /** `drawn`: whole persons, where some images are known to show the same one. */
  bootstrap: { resamples: number; confidence: number; seed: number; drawn: 'images' | 'persons' };
  /** All images as one group. */
  overall: GroupReport;
  /** One an attribute, then their intersection where there are several. */
  families: FamilyReport[];
  /** What a reader must know: what could not be computed and why, groups too small to judge, and the like. */
  notes: string[];
}
