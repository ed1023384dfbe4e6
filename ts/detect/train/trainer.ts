/** What the training loop needs of a network that can be trained; open-trainer.ts makes the real one. */
import type { LoadedBatch } from './batch-source.js';
import type { LossPart } from './metrics-log.js';

/** Means over a step's images, all finite. */
export interface StepLosses {
  /** What is minimised. */
  loss: number;
  /** Cross-entropy of the detector's prediction in nats. */
  ce: number;
  /** What else the loss is made of, before weighting. */
  parts: Readonly<Partial<Record<LossPart, number>>>;
  /** Images whose larger logit is that of their label. */
  correct: number;
  images: number;
  /** Norm of the gradient before clipping. */
  gradNorm: number;
}

export interface Scores {
  /** count x 2. */
  logits: Float32Array;
  /** count x feature dimension. */
  features: Float32Array;
}

export interface Trainer {
  readonly parameterCount: { total: number; trained: number };
  /**
   * One step of the optimiser. Gradients of several batches are averaged over their images; Single-Center
   * Loss and fairness losses are computed within each batch.
   *
   * @param batches each with at least one image
   * @throws DeepcodeError ERR_NONFINITE before any parameter is changed
   */
  step(batches: readonly LoadedBatch[], learningRate: number): Promise<StepLosses>;
  /** Evaluation mode. @param images count x height x width x 3 bytes */
  score(images: Uint8Array, count: number): Promise<Scores>;
  /** The learnt centre of real features; empty without Single-Center Loss. */
  center(): Promise<readonly number[]>;
  /** Writes all that training continues from, as one file. */
  saveState(path: string): Promise<void>;
  restoreState(path: string): Promise<void>;
  /** Writes what inference needs into an existing folder: an adapter, or a timm model. */
  exportWeights(folder: string): Promise<void>;
  dispose(): void;
}
