/** What the training loop needs of a network that can be trained; open-trainer.ts makes the real one. */
import type { TrainerBatch } from '../../native/trainer.js';

export type { TrainerBatch };

/** Means over a step's images, all finite. */
export interface StepLosses {
  loss: number;
  ce: number;
  scl: number;
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
   * Loss is computed within each batch.
   *
   * @throws DeepcodeError ERR_NONFINITE before any parameter is changed
   */
  step(batches: readonly TrainerBatch[], learningRate: number): Promise<StepLosses>;
  /**
   * Starts the patch embedding from the whitening of these images' patches; before the first step.
   * @param images count x height x width x 3 bytes
   */
  whitenPatches(images: Uint8Array, count: number): Promise<void>;
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
