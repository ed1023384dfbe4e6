/** Makes the report from scores, labels and demographics; no detector is needed. */
import { setImmediate } from 'node:timers/promises';
import { checkEach, checkKind } from '../../arguments.js';
import { DEMOGRAPHIC_ATTRIBUTES, type DemographicAttribute, type Demographics } from '../../data/demographics/demographics.js';
import { abortError } from '../../detect/abortable.js';
import { DeepcodeError, outOfRange } from '../../errors.js';
import { checkProbabilities, countPositives } from '../../metrics/scored-set.js';
import { groupPeople, knownAttributes } from '../groups.js';
import { fairnessSettings, type FairnessOptions, type FairnessSettings } from '../options.js';
import { thresholdOn } from '../thresholds.js';
import { familyReport } from './family.js';
import { groupReport, pick, type Scores } from './group.js';
import { reportNotes } from './notes.js';
import type { FairnessReport, FamilyReport } from './types.js';

export interface FairnessInput {
  /** N values of P(fake), 0 to 1. */
  scores: ArrayLike<number>;
  /** N labels: 1 fake, 0 real. */
  labels: ArrayLike<number>;
  /** N persons; attributes that are not known are absent. */
  demographics: readonly Demographics[];
  /** The detector's own threshold, 0 to 1. Default 0.5. */
  threshold?: number | undefined;
  /** For readers. */
  model?: string | undefined;
  data?: string | undefined;
  /** What else the reader must know, for example of the data. */
  notes?: readonly string[] | undefined;
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
  if (!(threshold >= 0 && threshold <= 1)) throw outOfRange('threshold', 'a number from 0 to 1', threshold);
}

/** The attributes to report on. @throws DeepcodeError ERR_DATASET where one of them is known of nobody */
export function chosenAttributes(people: readonly Demographics[], wanted: FairnessSettings['groups']): DemographicAttribute[] {
  const known = knownAttributes(people, DEMOGRAPHIC_ATTRIBUTES);
  const missing = (wanted ?? []).filter((attribute) => !known.includes(attribute));
  if (known.length > 0 && missing.length === 0) return [...(wanted ?? known)];
  if (known.length === 0) {
    throw new DeepcodeError('ERR_DATASET', 'The data set does not say who is shown: it has no column such as gender, race or age.');
  }
  throw new DeepcodeError('ERR_DATASET', `The data set does not say the ${missing.join(' and ')} of anyone, only ${known.join(', ')}.`);
}

/** A threshold for all images as one group; without the class that the rule needs, the detector's own. */
const commonThreshold = (scores: Scores, { rule }: FairnessSettings, ofModel: number): number =>
  thresholdOn(scores, rule, ofModel) ?? ofModel;

type Checked = { input: FairnessInput; settings: FairnessSettings; attributes: readonly DemographicAttribute[] };

function check(input: FairnessInput, options: FairnessOptions): Checked {
  const settings = fairnessSettings(options);
  checkInput(input);
  return { input, settings, attributes: chosenAttributes(input.demographics, settings.groups) };
}

/** Pauses after every group. */
function* steps({ input, settings, attributes }: Checked): Generator<void, FairnessReport> {
  const { scores, labels, demographics, threshold: ofModel = 0.5 } = input;
  const all: Scores = { scores, labels };
  const common = commonThreshold(all, settings, ofModel);
  const families: FamilyReport[] = [];
  const notes = [...(input.notes ?? [])];
  for (const set of [...attributes.map((attribute) => [attribute]), ...(attributes.length > 1 ? [attributes] : [])]) {
    const family = yield* familyReport(all, groupPeople(demographics, set, settings.ageBins), { settings, ofModel, common });
    families.push(family.report);
    notes.push(...family.notes);
  }
  const everyone = { name: 'all', values: {}, members: Array.from(scores, (_, i) => i) };
  const fake = countPositives(labels);
  const report = {
    model: input.model ?? null,
    data: input.data ?? null,
    count: scores.length,
    real: scores.length - fake,
    fake,
    threshold: { rule: settings.rule, ofModel },
    minGroup: settings.minGroup,
    bootstrap: { resamples: settings.resamples, confidence: settings.confidence, seed: settings.seed },
    overall: groupReport(everyone, pick(all, everyone.members), { key: 'all', threshold: common, settings }).report,
    families,
  };
  return { ...report, notes: reportNotes(report, notes) };
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
