/** The fairness report of a detector on a data set. */
import type { DatasetSample } from '../data/datasets/dataset.js';
import type { Demographics } from '../data/demographics/demographics.js';
import { checkKind } from '../arguments.js';
import { invalidArgument } from '../errors.js';
import type { Detector } from '../detect/detector.js';
import { EVALUATE_OPTIONS, evaluateDetector, type DetectorEvaluation, type EvaluateOptions } from '../detect/evaluate.js';
import { resolveOptions } from '../options.js';
import { fairnessSettings, type FairnessOptions } from './options.js';
import { chosenAttributes } from './report/attributes.js';
import { fairnessReportAsync } from './report/build.js';
import type { FairnessReport } from './report/types.js';

/** What a report needs to know of an image. */
export type FairnessSample = Pick<DatasetSample, 'path' | 'name' | 'label' | 'source' | 'demographics' | 'identity'>;

export type EvaluateFairnessOptions = FairnessOptions &
  Pick<EvaluateOptions, 'maxBadImages' | 'signal' | 'onProgress'> & {
    /** For readers of the report: names, and what else there is to say of the data (see `datasetNotes`). */
    data?: string | undefined;
    model?: string | undefined;
    notes?: readonly string[] | undefined;
  };

export interface FairnessEvaluation {
  report: FairnessReport;
  /** What is known of the detector without regard to groups, from the same scores. */
  evaluation: DetectorEvaluation;
  /** Images that could not be read; they are in no group. */
  failures: DetectorEvaluation['failures'];
}

/** The samples behind `names`, which are the samples' own in their order with those that failed left out. */
function scoredSamples(samples: readonly FairnessSample[], names: readonly string[]): FairnessSample[] {
  let at = 0;
  return names.map((name) => {
    while (samples[at]!.name !== name) at++;
    return samples[at++]!;
  });
}

const peopleOf = (samples: readonly FairnessSample[]): Demographics[] => samples.map(({ demographics }) => demographics ?? {});

async function evaluate(
  detector: Detector,
  samples: readonly FairnessSample[],
  options: EvaluateFairnessOptions,
): Promise<FairnessEvaluation> {
  // Before the images are scored, which may take hours.
  chosenAttributes(peopleOf(samples), fairnessSettings(options).groups, options.notes);
  const { maxBadImages, signal, onProgress, model, data, notes } = options;
  const evaluation = await evaluateDetector(detector, samples, { maxBadImages, signal, onProgress });
  const { images, failures } = evaluation;
  const { scores, labels, names } = images;
  const scored = scoredSamples(samples, names);
  const demographics = peopleOf(scored);
  const identities = scored.map(({ identity }) => identity);
  const { threshold } = detector.info;
  const report = await fairnessReportAsync({ scores, labels, demographics, identities, threshold, model, data, notes }, options);
  return { report, evaluation, failures };
}

/**
 * Scores labelled images and reports how the detector treats each group of people.
 *
 * @throws TypeError, RangeError at once for wrong arguments
 * @returns rejects as `evaluateDetector` does, and with ERR_DATASET where nothing is known of the persons
 */
export function evaluateFairness(
  detector: Detector,
  samples: readonly FairnessSample[],
  options: EvaluateFairnessOptions = {},
): Promise<FairnessEvaluation> {
  if (!Array.isArray(samples)) throw invalidArgument('samples', 'an array of samples', samples);
  fairnessSettings(options);
  checkKind('notes', 'texts', options.notes ?? []);
  resolveOptions(EVALUATE_OPTIONS, options);
  return evaluate(detector, samples as readonly FairnessSample[], options);
}
