/** The addon's trainer. As in bindings.ts every field is required: defaults live in TypeScript. */
import type { CancelToken, Disposable } from './bindings.js';
import type { NativeBilevelCvarOptions } from './losses.js';
import type { NativeAdapterOptions, NativeVitOptions } from './detector.js';

/** Cross-entropy, or its bi-level CVaR, + weight x Single-Center Loss. */
export interface NativeLossOptions {
  /** Factors of a sample's cross-entropy by its class: [real, fake]. */
  classWeights: readonly [number, number];
  /** Share of the target that is spread over both classes, 0 to below 1. */
  labelSmoothing: number;
  /** 0: cross-entropy only. */
  sclWeight: number;
  sclMargin: number;
  sclDistance: 'euclidean' | 'squared';
  /** Multiply the margin by the square root of the feature dimension. */
  sclScaledMargin: boolean;
  /** Instead of the mean over samples; null: the mean. */
  fairness: NativeBilevelCvarOptions | null;
}

export interface NativeOptimizerOptions {
  name: 'adam' | 'adamw' | 'sgd';
  momentum: number;
  weightDecay: number;
  /** Largest norm of the gradient; 0: no limit. */
  clipGradNorm: number;
  /** Radius of sharpness-aware minimisation; 0: none. */
  samRho: number;
}

export interface NativeTrainerSpec {
  vit: NativeVitOptions;
  /** Path of model.safetensors or of its index; null: new random weights. */
  weights: string | null;
  /** Keep the head at its new random weights, whatever the file holds. */
  newHead: boolean;
  /** Null: no LoRA. */
  adapter: NativeAdapterOptions | null;
  /** Path of an adapter_model.safetensors to start from; null: an adapter that changes nothing yet. */
  adapterWeights: string | null;
  /** Parameters that are trained: the adapter with its modulesToSave, every one, or the head's. */
  trainable: 'adapter' | 'all' | 'head';
  /** With `all`: leave the head as it is. */
  freezeHead: boolean;
  /** The head's first logits that are used. */
  numLogits: number;
  /** Stochastic depth of the last block. */
  dropPath: number;
  /** Share of the batches whose images are mixed, 0 to 1; see native/pipelines/cut_mix.h. */
  cutMix: number;
  /** In evaluation scores are means over an image and its mirror image. */
  flipAverage: boolean;
  mean: readonly number[];
  std: readonly number[];
  loss: NativeLossOptions;
  optimizer: NativeOptimizerOptions;
  seed: number;
  device: string;
  /** bf16: autocast; parameters and optimiser stay fp32. */
  dtype: 'fp32' | 'bf16';
}

/** A batch of equally sized images. */
export interface TrainerBatch {
  /** count x height x width x 3 bytes, RGB interleaved. */
  images: Uint8Array;
  /** count values: 0 real, 1 fake. */
  labels: Uint8Array;
  /** count numbers of groups of people; null where the loss does not need them. */
  groups: Uint8Array | null;
}

/** Losses of one micro-batch, before `weight` is applied. */
export interface TrainerLosses {
  /** What is minimised: ce, or its bi-level CVaR, + sclWeight * scl. */
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
  /**
   * Sharpness-aware minimisation: moves the parameters uphill and clears the gradients, which are to be accumulated
   * anew; update moves back first.
   */
  climb(): Promise<void>;
  /** Clips, steps the optimiser and clears the gradients. The norm is that before clipping. */
  update(learningRate: number): Promise<{ gradNorm: number }>;
  /** Starts the patch embedding from the whitening of these images' patches; before the first step. */
  whitenPatches(images: Uint8Array, count: number, token: CancelToken): Promise<void>;
  /** Evaluation mode: no dropout, no gradients. logits count x 2, features count x dim. */
  forward(
    images: Uint8Array,
    count: number,
    token: CancelToken,
  ): Promise<{ logits: Float32Array; features: Float32Array }>;
  /** The learnt centre; empty without SCL. */
  center(): Promise<Float32Array>;
  /** Trained parameters, optimiser moments, centre and generator state, as one .safetensors file. */
  saveState(path: string): Promise<void>;
  restoreState(path: string, token: CancelToken): Promise<void>;
  /** adapter_model.safetensors with PEFT's keys. */
  saveAdapter(path: string, dtype: string): Promise<void>;
  /** model.safetensors with timm's keys, adapters folded in. */
  saveModel(path: string, dtype: string): Promise<void>;
}

export interface TrainerBindings {
  trainerCreate(spec: NativeTrainerSpec, token: CancelToken): Promise<NativeTrainer>;
}
