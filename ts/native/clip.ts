/** CLIP's text encoder and Stable Diffusion's safety checker. Every field is required: defaults live in TypeScript. */
import type { CancelToken, Disposable } from './bindings.js';

/** What both halves of CLIP have, field by field as their config.json. */
export interface NativeClipEncoderOptions {
  hiddenSize: number;
  intermediateSize: number;
  numHiddenLayers: number;
  /** Divides hiddenSize. */
  numAttentionHeads: number;
  layerNormEps: number;
  hiddenAct: 'gelu' | 'gelu_tanh' | 'quick_gelu';
}

export interface NativeClipTextOptions extends NativeClipEncoderOptions {
  vocabSize: number;
  maxPositionEmbeddings: number;
  /** Where the pooled output is read; 2, which old configs say: at the highest id. */
  eosTokenId: number;
}

export interface NativeClipVisionOptions extends NativeClipEncoderOptions {
  /** Pixels, a multiple of patchSize. */
  imageSize: number;
  patchSize: number;
  numChannels: number;
}

export interface NativeSafetyCheckerOptions {
  vision: NativeClipVisionOptions;
  projectionDim: number;
  /** 17 concepts and 3 special cares in the published checkpoint. */
  concepts: number;
  specialCares: number;
}

interface NativeModelPlace {
  /** Path of model.safetensors or of its index. */
  weights: string;
  device: string;
  dtype: 'fp32' | 'bf16' | 'fp16';
}

export interface NativeClipText extends Disposable {
  /**
   * `ids`: `count` rows of equal length. `skippedLayers`: how many of the last layers are left out. Gives count x L x
   * hiddenSize and count x hiddenSize values. Rejects with ERR_SHAPE, ERR_NONFINITE.
   */
  forward(
    ids: Int32Array,
    count: number,
    skippedLayers: number,
    token: CancelToken,
  ): Promise<{ lastHidden: Float32Array; pooled: Float32Array }>;
}

export interface NativeSafetyChecker extends Disposable {
  /**
   * `images`: `count` times imageSize x imageSize x numChannels bytes. Gives for each image how far it is over the
   * threshold of each concept (over 0, it shows it), and its CLIP embedding. Rejects with ERR_NONFINITE.
   */
  check(
    images: Uint8Array,
    count: number,
    token: CancelToken,
  ): Promise<{ embeds: Float32Array; concepts: Float32Array; specialCares: Float32Array }>;
}

export interface ClipBindings {
  clipTextLoad(
    spec: NativeModelPlace & { clipText: NativeClipTextOptions },
    token: CancelToken,
  ): Promise<NativeClipText>;
  /** `mean` and `std`: per channel, of values from 0 to 1. */
  safetyCheckerLoad(
    spec: NativeModelPlace & {
      safetyChecker: NativeSafetyCheckerOptions;
      mean: readonly number[];
      std: readonly number[];
    },
    token: CancelToken,
  ): Promise<NativeSafetyChecker>;
}
