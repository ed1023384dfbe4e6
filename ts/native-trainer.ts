/** The addon's trainer. As in native-bindings.ts every field is required: defaults live in TypeScript. */
import type { CancelToken, Disposable } from './native-bindings.js';

/** A batch of equally sized images. */
export interface TrainerBatch {
  /** count x height x width x 3 bytes, RGB interleaved. */
  images: Uint8Array;
  /** count values: 0 real, 1 fake. */
  labels: Uint8Array;
}

/** Losses of one micro-batch, before `weight` is applied. Never finite-checked by the addon's caller alone. */
export interface TrainerLosses {
  /** What is minimised: ce + sclWeight * scl. */
  loss: number;
  /** Mean cross-entropy in nats. */
  ce: number;
  /** Single-Center Loss; 0 when its weight is 0. */
  scl: number;
  /** count x 2. */
  logits: Float32Array;
}

export interface NativeTrainer extends Disposable {
  /** Parameters in all, and those that are trained. */
  parameterCount: { total: number; trained: number };
  /** Forward and backward in training mode; adds weight * gradient. Rejects with ERR_NONFINITE. */
  accumulate(batch: TrainerBatch, weight: number, token: CancelToken): Promise<TrainerLosses>;
  /** Clips, steps the optimiser and clears the gradients. The norm is that before clipping. */
  update(learningRate: number): Promise<{ gradNorm: number }>;
  /** Evaluation mode: no dropout, no gradients. logits count x 2, features count x dim. */
  forward(images: Uint8Array, count: number, token: CancelToken): Promise<{ logits: Float32Array; features: Float32Array }>;
  /** The learnt centre; empty without SCL. */
  center(): Float32Array;
  /** Trained parameters, optimiser moments, centre and generator state, as one .safetensors file. */
  saveState(path: string): Promise<void>;
  restoreState(path: string, token: CancelToken): Promise<void>;
  /** adapter_model.safetensors with PEFT's keys. */
  saveAdapter(path: string, dtype: string): Promise<void>;
  /** model.safetensors with timm's keys, adapters folded in. */
  saveModel(path: string, dtype: string): Promise<void>;
}
