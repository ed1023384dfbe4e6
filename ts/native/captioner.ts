/** The addon's captioner. Every field is required: defaults live in TypeScript. */
import type { CancelToken, Disposable } from './bindings.js';
import type { NativeVitOptions } from './detector.js';

/** GPT-2 with cross-attention, field by field as its config.json. */
export interface NativeGpt2Options {
  vocabSize: number;
  nPositions: number;
  /** A multiple of nHead. */
  nEmbd: number;
  nLayer: number;
  nHead: number;
  nInner: number;
  layerNormEpsilon: number;
  activation: 'gelu' | 'gelu_tanh' | 'relu' | 'silu';
}

export interface NativeCaptionerSpec {
  encoder: NativeVitOptions;
  decoder: NativeGpt2Options;
  /** Path of model.safetensors or of its index. */
  weights: string;
  /** Per channel, of values from 0 to 1. */
  mean: readonly number[];
  std: readonly number[];
  device: string;
  dtype: 'fp32' | 'bf16' | 'fp16';
}

export interface NativeCaptionSearch {
  /** 1: greedy. At most half the vocabulary. */
  beams: number;
  /** At most `beams`. */
  count: number;
  /** Tokens, the start included: at least 2, at most nPositions. */
  maxLength: number;
  lengthPenalty: number;
  earlyStopping: 'no' | 'yes' | 'never';
  startId: number;
  endId: number;
}

export interface NativeCaptioner extends Disposable {
  /** `image`: bytes of the encoder's size. The best first, ids from the start to the end. Rejects with ERR_NONFINITE. */
  caption(
    image: Uint8Array,
    search: NativeCaptionSearch,
    token: CancelToken,
  ): Promise<{ ids: Int32Array; score: number }[]>;
}

export interface CaptionerBindings {
  captionerLoad(spec: NativeCaptionerSpec, token: CancelToken): Promise<NativeCaptioner>;
}
