/** Makes the report from scores, labels and demographics; no detector is needed. */
import { setImmediate } from 'node:timers/promises';
import { checkEach, checkKind } from '../../arguments.js';
import type { DemographicAttribute, Demographics } from '../../data/demographics/demographics.js';
import { abortError } from '../../abortable.js';
import { DeepcodeError, outOfRange } from '../../errors.js';
import { checkProbabilities, countPositives } from '../../metrics/scored-set.js';
import { groupPeople } from '../groups.js';
import { fairnessSettings, type FairnessOptions, type FairnessSettings } from '../options.js';
import type { GroupImages } from '../metrics/persons.js';
import { isPerGroup, thresholdOn } from '../thresholds.js';
import { chosenAttributes } from './attributes.js';
import { familyReport } from './family.js';
import { groupReport } from './group.js';
import { reportNotes } from './notes.js';
import type { AppliedThreshold, FairnessReport, FamilyReport } from './types.js';

export interface FairnessInput {
  /** N values of P(fake), 0 to 1. */
  scores: ArrayLike<number>;
  /** N labels: 1 fake, 0 real. */
  labels: ArrayLike<number>;
  /** N persons; attributes that are not known are absent. */
  demographics: readonly Demographics[];
  /**
   * N texts, the same for all images of one person; undefined where it is not known. Intervals then draw persons.
   */
  identities?: readonly (string | undefined)[] | undefined;
  /** The detector's own threshold, 0 to 1. Default 0.5. */
  threshold?: number | undefined;
  /** For readers. */
  model?: string | undefined;
  data?: string | undefined;
  /** What else the reader must know, for example of the data. */
  notes?: readonly string[] | undefined;
}

function checkIdentities({ scores, identities = [] }: FairnessInput): void {
  checkKind('identities', 'list', identities);
  identities.forEach((identity, i) => identity === undefined || checkKind(`identities[${i}]`, 'text', identity));
  if (identities.length !== scores.length) {
    const received = `${scores.length} scores and ${identities.length} identities`;
    throw new DeepcodeError('ERR_SHAPE', `Expected an identity a score but received ${received}.`);
  }
}

function checkInput(input: FairnessInput): void {
  checkProbabilities(input);
  const { scores, demographics, threshold = 0.5, notes } = input;
  checkEach('demographics', demographics);
  checkKind('notes', 'texts', notes ?? []);
  if (demographics.length !== scores.length) {
    const received = `${scores.length} scores and ${demographics.length} persons`;
    throw new DeepcodeError('ERR_SHAPE', `Expected a person a score but received ${received}.`);
  }
  if (input.identities !== undefined) checkIdentities(input);
  if (!(threshold >= 0 && threshold <= 1)) throw outOfRange('threshold', 'a number from 0 to 1', threshold);
}

/** What came of a rule; without the class that it needs even among all images, the detector's own threshold. */
function appliedThreshold(common: number | undefined, { rule }: FairnessSettings, ofModel: number, families: readonly FamilyReport[]): AppliedThreshold {
  if (common === undefined) return { rule, ofModel, common: ofModel, applied: 'model' };
  const followed = !isPerGroup(rule) || families.some(({ groups, withoutOwnThreshold }) => withoutOwnThreshold.length < groups.length);
  return { rule, ofModel, common, applied: followed ? 'rule' : 'common' };
}

/** Whether drawing persons differs from drawing images. */
const arePeopleShared = ({ identities = [] }: FairnessInput): boolean => {
  const known = identities.filter((identity) => identity !== undefined);
  return new Set(known).size < known.length;
};

type Checked = { input: FairnessInput; settings: FairnessSettings; attributes: readonly DemographicAttribute[] };

function check(input: FairnessInput, options: FairnessOptions): Checked {
  const settings = fairnessSettings(options);
  checkInput(input);
  return { input, settings, attributes: chosenAttributes(input.demographics, settings.groups, input.notes) };
}

/** Pauses after every group. */
function* steps({ input, settings, attributes }: Checked): Generator<void, FairnessReport> {
  const { scores, labels, identities, demographics, threshold: ofModel = 0.5 } = input;
  const all: GroupImages = { scores, labels, identities };
  const common = thresholdOn(all, settings.rule, ofModel);
  const families: FamilyReport[] = [];
  for (const set of [...attributes.map((attribute) => [attribute]), ...(attributes.length > 1 ? [attributes] : [])]) {
    families.push(yield* familyReport(all, groupPeople(demographics, set, settings.ageBins), { settings, ofModel, common }));
  }
  const threshold = appliedThreshold(common, settings, ofModel, families);
  const everyone = { name: 'all', values: {} };
  const fake = countPositives(labels);
  const report = {
    model: input.model ?? null,
    data: input.data ?? null,
    count: scores.length,
    real: scores.length - fake,
    fake,
    threshold,
    minGroup: settings.minGroup,
    bootstrap: {
      resamples: settings.resamples,
      confidence: settings.confidence,
      seed: settings.seed,
      drawn: arePeopleShared(input) ? ('persons' as const) : ('images' as const),
    },
    overall: groupReport(everyone, all, { key: 'all', threshold: threshold.common, settings }).report,
    families,
  };
  return { ...report, notes: reportNotes(report, input.notes ?? []) };
}

/**
 * How a detector treats the groups of people in a data set: rates per group and intersection with bootstrap intervals,
 * and the fairness figures over them (see `fairnessFigures` for their equations).
 *
 * @throws TypeError, RangeError for wrong options, what is no such input, scores outside [0, 1] and labels other than
 *   0 and 1; DeepcodeError ERR_SHAPE, ERR_NONFINITE, and ERR_DATASET where an attribute is known of nobody
 */
export function fairnessReport(input: FairnessInput, options: FairnessOptions = {}): FairnessReport {
  const work = steps(check(input, options));
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

/** As {@link fairnessReport}, but between groups others have their turn. @returns rejects with AbortError, too */
export async function fairnessReportAsync(
  input: FairnessInput,
  options: FairnessOptions & { signal?: AbortSignal | undefined } = {},
): Promise<FairnessReport> {
  const work = steps(check(input, options));
  for (;;) {
    if (options.signal?.aborted) throw abortError(options.signal);
    const step = work.next();
    if (step.done) return step.value;
    await setImmediate();
  }
}
