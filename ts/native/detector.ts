/** The addon's detector. As in bindings.ts every field is required: defaults live in TypeScript. */
import type { CancelToken, Disposable } from './bindings.js';
import type { NativeFairDetectorOptions, NativeXceptionOptions } from './fair-detector.js';

/** A plain Vision Transformer, field by field as timm's VisionTransformer takes it. */
export interface NativeVitOptions {
  /** Pixels; multiples of the patch size. With a stem that is the product of its strides. */
  imageHeight: number;
  imageWidth: number;
  patchHeight: number;
  patchWidth: number;
  inChannels: number;
  numClasses: number;
  globalPool: 'token' | 'avg' | 'max' | 'avgmax';
  embedDim: number;
  depth: number;
  numHeads: number;
  mlpRatio: number;
  qkvBias: boolean;
  projBias: boolean;
  qkNorm: boolean;
  scaleAttnNorm: boolean;
  scaleMlpNorm: boolean;
  /** LayerScale's initial value; null: no LayerScale. */
  initValues: number | null;
  classToken: boolean;
  regTokens: number;
  posEmbed: boolean;
  noEmbedClass: boolean;
  preNorm: boolean;
  finalNorm: boolean;
  /** The final norm comes after pooling. */
  fcNorm: boolean;
  poolIncludePrefix: boolean;
  /** DeiT's distillation token and second head. */
  distilled: boolean;
  /** Width of the tanh layer before the head; 0: none. */
  representationSize: number;
  normEps: number;
  activation: NativeVitActivation;
  /** Convolutions that make the tokens instead of the patch projection, in order; none: []. */
  stem: readonly { channels: number; kernel: number; stride: number; padding: number }[];
  /** After each of them but the last. */
  stemActivation: NativeVitActivation;
}

export type NativeVitActivation = 'gelu' | 'gelu_tanh' | 'quick_gelu' | 'relu' | 'silu';

/** An adapter with PEFT's rules already applied to the network's layers. */
export interface NativeAdapterOptions {
  /** `scale` is what B A is multiplied by: alpha / rank, or alpha / sqrt(rank). */
  layers: readonly { name: string; rank: number; scale: number }[];
  /** 0 to below 1; acts in training only. */
  dropout: number;
  /** Names of modules that the adapter holds whole, for example "head". */
  modulesToSave: readonly string[];
}

/** What a detector can be made of. */
export type NativeDetectorNetwork =
  | {
      kind: 'vit';
      vit: NativeVitOptions;
      /** Folded into the base in this order; `weights` is the path of adapter_model.safetensors. */
      adapters: readonly (NativeAdapterOptions & { weights: string })[];
    }
  | { kind: 'xception'; xception: NativeXceptionOptions; imageHeight: number; imageWidth: number }
  | { kind: 'fair'; fair: NativeFairDetectorOptions };

export interface NativeDetectorSpec {
  network: NativeDetectorNetwork;
  /** Path of model.safetensors or of its index. */
  weights: string;
  /** The head's first logits that are given out. */
  numLogits: number;
  /** Per channel, of values from 0 to 1. */
  mean: readonly number[];
  std: readonly number[];
  device: string;
  dtype: 'fp32' | 'bf16' | 'fp16';
  /** What the packed weights are tuned for; other sizes work. */
  batchSize: number;
  /** Scores and heat maps are means over an image and its mirror image. */
  flipAverage: boolean;
}

/** Results for `count` images, row by row. */
export interface NativeScores {
  /** count x numLogits. */
  logits: Float32Array;
  /** count x feature dimension: what the head reads. */
  features: Float32Array;
}

export interface NativeDetector extends Disposable {
  readonly parameterCount: number;
  /** Cells of a heat map. */
  readonly gridRows: number;
  readonly gridColumns: number;
  /** `images`: count x height x width x channels bytes. Rejects with ERR_NONFINITE. */
  forward(images: Uint8Array, count: number, token: CancelToken): Promise<NativeScores>;
  /**
   * count x gridRows x gridColumns values of at least 0: how much a cell raised
   * direction * (logit 1 - logit 0). 1: towards fake, -1: towards real.
   */
  heatmap(images: Uint8Array, count: number, direction: 1 | -1, token: CancelToken): Promise<Float32Array>;
}

export interface DetectorBindings {
  detectorLoad(spec: NativeDetectorSpec, token: CancelToken): Promise<NativeDetector>;
}
