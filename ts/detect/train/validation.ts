/** Scores the validation images and sums them up. */
import { DeepcodeError } from '../../errors.js';
import { evaluateScores, fakeProbabilities } from '../../metrics/index.js';
import type { BadImages } from './bad-images.js';
import type { BatchSource } from './batch-source.js';
import type { TrainingSample } from './data.js';
import { chunks } from './sampling.js';
import type { Trainer } from './trainer.js';

export interface ScoredSamples {
  /** N x 2. */
  logits: Float32Array;
  /** N x feature dimension. */
  features: Float32Array;
  /** N values, 1 for fake. */
  labels: Uint8Array;
}

export interface ValidationResult extends ScoredSamples {
  /** Mean cross-entropy in nats. */
  loss: number;
  accuracy: number;
  /** Null with one class only. */
  auc: number | null;
}

function concatFloats(parts: readonly Float32Array[]): Float32Array {
  const result = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    result.set(part, offset);
    offset += part.length;
  }
  return result;
}

export interface ScoringParts {
  trainer: Pick<Trainer, 'score'>;
  source: BatchSource;
  badImages: BadImages;
  batchSize: number;
}

/** Logits and features of `samples`, without those that cannot be read; stops between batches. */
export async function scoreSamples(
  samples: readonly TrainingSample[],
  parts: ScoringParts,
  signal?: AbortSignal,
): Promise<ScoredSamples> {
  const items = samples.map(({ path, name, label, pseudoFakeSeed }) => ({
    path,
    name,
    label,
    augmentSeed: null,
    pseudoFakeSeed,
  }));
  const logits: Float32Array[] = [];
  const features: Float32Array[] = [];
  const labels: number[] = [];
  for await (const batch of parts.source(chunks(items, parts.batchSize), signal)) {
    parts.badImages.report(batch);
    if (batch.count === 0) continue;
    const scores = await parts.trainer.score(batch.images, batch.count);
    logits.push(scores.logits);
    features.push(scores.features);
    labels.push(...batch.labels);
  }
  return { logits: concatFloats(logits), features: concatFloats(features), labels: Uint8Array.from(labels) };
}

/** One class alone can neither be told apart nor calibrated. */
function checkReadable(samples: readonly TrainingSample[], labels: Uint8Array): void {
  const [label] = labels;
  if (samples.every((sample) => sample.label === label) || labels.some((other) => other !== label)) return;
  const unreadable = label === 0 ? 'fake' : 'real';
  throw new DeepcodeError(
    'ERR_DATASET',
    `None of the ${unreadable} validation images could be read. Repair the data set.`,
  );
}

/** @throws DeepcodeError ERR_DATASET when no image, or none of one class, could be read; ERR_NONFINITE */
export async function validate(
  samples: readonly TrainingSample[],
  parts: ScoringParts,
  signal?: AbortSignal,
): Promise<ValidationResult> {
  const scored = await scoreSamples(samples, parts, signal);
  const { logits, labels } = scored;
  if (labels.length === 0) {
    throw new DeepcodeError(
      'ERR_DATASET',
      'None of the validation images could be read. Repair the data set.',
    );
  }
  checkReadable(samples, labels);
  const { loss, accuracy, auc } = evaluateScores({ logits, labels, scores: fakeProbabilities(logits) });
  return { ...scored, loss, accuracy, auc };
}
