/** The fairness report of a detector on a data set. */
import type { DatasetSample } from '../data/datasets/dataset.js';
import { invalidArgument } from '../errors.js';
import type { Detector } from '../detect/detector.js';
import { evaluateDetector, type DetectorEvaluation, type EvaluateOptions } from '../detect/evaluate.js';
import { fairnessSettings, type FairnessOptions } from './options.js';
import { fairnessReport } from './report/build.js';
import type { FairnessReport } from './report/types.js';

/** What a report needs to know of an image. */
export type FairnessSample = Pick<DatasetSample, 'path' | 'name' | 'label' | 'source' | 'demographics'>;

export type EvaluateFairnessOptions = FairnessOptions &
  Pick<EvaluateOptions, 'maxBadImages' | 'signal' | 'onProgress'> & {
    /** For readers of the report: names, and what else there is to say of the data (see `datasetNotes`). */
    data?: string | undefined;
    model?: string | undefined;
    notes?: readonly string[] | undefined;
  };

export interface FairnessEvaluation {
  report: FairnessReport;
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
  const { maxBadImages, signal, onProgress } = options;
  const evaluation = evaluateDetector(detector, samples as readonly FairnessSample[], { maxBadImages, signal, onProgress });
  return evaluation.then(({ images, failures }) => {
    const people = scoredSamples(samples as readonly FairnessSample[], images.names).map(({ demographics }) => demographics ?? {});
    const { scores, labels } = images;
    const { threshold } = detector.info;
    const { model, data, notes } = options;
    return { report: fairnessReport({ scores, labels, demographics: people, threshold, model, data, notes }, options), failures };
  });
}
