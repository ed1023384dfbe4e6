/** Scores a data set with a detector and reports every metric. */
import type { DatasetSample } from '../data/datasets/dataset.js';
import { DeepcodeError, invalidArgument } from '../errors.js';
import { evaluateScores, type EvaluationReport } from '../metrics/evaluate.js';
import { integer, real, resolveOptions, type Given } from '../options.js';
import type { Detector } from './detector.js';

export const EVALUATE_OPTIONS = {
  maxBadImages: integer({
    default: 20,
    min: 0,
    max: 1e9,
    help: 'unreadable images to skip before giving up',
  }),
} as const;

/** Kept apart: without it the detector's own threshold holds. */
export const THRESHOLD = real({
  default: 0.5,
  min: 0,
  max: 1,
  help: 'score from which on an image counts as fake',
});

export type EvaluateOptions = Given<typeof EVALUATE_OPTIONS> & {
  /** "Fake when P(fake) >= threshold", 0 to 1. Default: the detector's. */
  threshold?: number | undefined;
  signal?: AbortSignal | undefined;
  /** Called after every image. */
  onProgress?: ((done: number, total: number) => void) | undefined;
};

/** What an evaluation needs to know of an image. */
export type EvaluationSample = Pick<DatasetSample, 'path' | 'name' | 'label' | 'source'>;

/** The scored images behind a report, one entry each, in the order of the samples. */
export interface ScoredImages {
  names: string[];
  /** Calibrated P(fake). */
  scores: Float64Array;
  /** N x 2, [real, fake], before calibration. */
  logits: Float32Array;
  /** 1 fake, 0 real. */
  labels: Uint8Array;
  sources: string[];
}

export interface DetectorEvaluation {
  /** Of the images that could be read. `loss` is the cross-entropy at the detector's temperature. */
  report: EvaluationReport;
  images: ScoredImages;
  /** Images that could not be read. */
  failures: { name: string; error: Error }[];
}

type Scored = { sample: EvaluationSample; score: number; logits: readonly [number, number] };

function gather(scored: readonly Scored[]): ScoredImages {
  return {
    names: scored.map(({ sample }) => sample.name),
    scores: Float64Array.from(scored, ({ score }) => score),
    logits: Float32Array.from(scored.flatMap(({ logits }) => logits)),
    labels: Uint8Array.from(scored, ({ sample }) => sample.label),
    sources: scored.map(({ sample }) => sample.source),
  };
}

function failOn(failures: DetectorEvaluation['failures'], limit: number): void {
  if (failures.length <= limit) return;
  const { name, error } = failures.at(-1)!;
  throw new DeepcodeError(
    'ERR_DATASET',
    `More than ${limit} images cannot be read, the last one ${name.slice(-80)}: ${error.message.slice(0, 120)} Raise maxBadImages.`,
  );
}

async function evaluate(
  detector: Detector,
  samples: readonly EvaluationSample[],
  options: EvaluateOptions,
): Promise<DetectorEvaluation> {
  const { maxBadImages } = resolveOptions(EVALUATE_OPTIONS, options);
  const scored: Scored[] = [];
  const failures: DetectorEvaluation['failures'] = [];
  let done = 0;
  for await (const { detection, error } of detector.detectAll(
    samples.map(({ path }) => path),
    { signal: options.signal },
  )) {
    const sample = samples[done++]!;
    if (error) failures.push({ name: sample.name, error });
    else scored.push({ sample, ...detection });
    failOn(failures, maxBadImages);
    options.onProgress?.(done, samples.length);
  }
  if (scored.length === 0) throw new DeepcodeError('ERR_DATASET', 'There is no image to evaluate.');
  const images = gather(scored);
  const { threshold, temperature } = detector.info;
  const report = evaluateScores({
    ...images,
    logits: images.logits.map((logit) => logit / temperature),
    threshold: options.threshold ?? threshold,
  });
  return { report, images, failures };
}

/**
 * Evaluates a detector on labelled images, for example `(await openDataset(path)).samples`.
 *
 * @throws TypeError, RangeError at once for wrong arguments
 * @returns rejects with ERR_DATASET (no images, or more than maxBadImages unreadable ones), ERR_OUT_OF_MEMORY,
 *   ERR_DISPOSED or AbortError
 */
export function evaluateDetector(
  detector: Detector,
  samples: readonly EvaluationSample[],
  options: EvaluateOptions = {},
): Promise<DetectorEvaluation> {
  if (!Array.isArray(samples)) throw invalidArgument('samples', 'an array of samples', samples);
  resolveOptions(EVALUATE_OPTIONS, options);
  resolveOptions({ threshold: THRESHOLD }, { threshold: options.threshold });
  return evaluate(detector, samples as readonly EvaluationSample[], options);
}
