/** The addon's trainer of the disentangled detector. Every field is required: defaults live in TypeScript. */
import type { CancelToken, Disposable } from './bindings.js';
import type { NativeFairDetectorOptions } from './fair-detector.js';
import type { NativeBilevelCvarOptions, NativeLdamOptions } from './losses.js';
import type { NativeOptimizerOptions } from './trainer.js';

/** Factors of the losses' sum; 0 leaves one out. */
export interface NativeFairLossWeights {
  fused: number;
  common: number;
  specific: number;
  demographic: number;
  contrastive: number;
  reconstruction: number;
}

export interface NativeFairLossOptions {
  weights: NativeFairLossWeights;
  /** `classCounts`: training images of each group. */
  demographic: NativeLdamOptions;
  /** Of the contrastive loss. */
  margin: number;
  /** Of the prediction's loss; null: the mean over images. */
  fairness: NativeBilevelCvarOptions | null;
}

export interface NativeFairTrainerSpec {
  network: NativeFairDetectorOptions;
  /** model.safetensors of a whole detector to start from; null: new random weights. */
  weights: string | null;
  /** A .safetensors of one Xception that all three encoders start from; null: random ones. */
  encoders: string | null;
  /** Normalise by the running statistics, which stay as they are. */
  freezeNorms: boolean;
  mean: readonly number[];
  std: readonly number[];
  loss: NativeFairLossOptions;
  optimizer: NativeOptimizerOptions;
  seed: number;
  device: string;
  /** bf16: autocast; parameters and optimiser stay fp32. */
  dtype: 'fp32' | 'bf16';
}

/** P real images before P fake ones; image i is paired with image i + P. */
export interface NativePairBatch {
  /** 2P x height x width x 3 bytes, RGB interleaved. */
  images: Uint8Array;
  /** 2P numbers of groups. */
  groups: Uint8Array;
  /** 2P numbers: 0 real, from 1 on the forgery method. */
  methods: Uint8Array;
}

export interface NativeFairLosses {
  /** The weighted sum. */
  loss: number;
  /** Mean cross-entropy of the prediction in nats. */
  ce: number;
  /** The sum's terms before weighting; those that are left out are absent. */
  parts: Partial<Record<keyof NativeFairLossWeights, number>>;
  /** 2P x 2, of the prediction. */
  logits: Float32Array;
}

export interface NativeFairTrainer extends Disposable {
  parameterCount: { total: number; trained: number };
  /** Forward and backward in training mode; adds weight * gradient. Rejects with ERR_NONFINITE. */
  accumulate(batch: NativePairBatch, weight: number, token: CancelToken): Promise<NativeFairLosses>;
  /** See NativeTrainer. */
  climb(): Promise<void>;
  update(learningRate: number): Promise<{ gradNorm: number }>;
  /** The prediction in evaluation mode: logits count x 2, features count x dim. */
  forward(
    images: Uint8Array,
    count: number,
    token: CancelToken,
  ): Promise<{ logits: Float32Array; features: Float32Array }>;
  /** Parameters, running statistics, moments and generator state, as one .safetensors file. */
  saveState(path: string): Promise<void>;
  restoreState(path: string, token: CancelToken): Promise<void>;
  /** model.safetensors with the reference's keys. */
  saveModel(path: string, dtype: string): Promise<void>;
}

export interface FairTrainerBindings {
  fairTrainerCreate(spec: NativeFairTrainerSpec, token: CancelToken): Promise<NativeFairTrainer>;
}
