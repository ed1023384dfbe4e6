/** The addon's Xception and disentangled detector. As in bindings.ts every field is required. */
import type { CancelToken } from './bindings.js';

export interface NativeXceptionOptions {
  inChannels: number;
  /** Of the classifier. */
  numClasses: number;
  /** What a 1 x 1 convolution reduces the last maps to; 0: there is none. */
  adjustChannels: number;
  /** Of every layer, as a factor of the published network's; above 0 to 4. */
  width: number;
}

/** The detector of Lin et al. 2024; the parts are described in native/models/fair_detector.h. */
export interface NativeFairDetectorOptions {
  inChannels: number;
  /** Pixels; multiples of 32, at least 64. */
  imageHeight: number;
  imageWidth: number;
  /** Real, and one a forgery method; 0: no specific-forgery branch. */
  specificClasses: number;
  /** Demographic groups, at least 2. */
  groups: number;
  width: number;
  /** Of the heads' logits in training; 0 to below 1. */
  headDropout: number;
  /** Of the decoder's maps in training; 0 to below 1. */
  decoderDropout: number;
}

export interface NativeFairPass {
  network: NativeFairDetectorOptions;
  /** Path of model.safetensors or its index. */
  weights: string;
  /** `evaluate`, or in training mode what batch norms do with running statistics. */
  mode: 'evaluate' | 'update' | 'keep' | 'running';
}

export interface NativeFairGradients {
  /** common_logits, common_features, specific_*, demographic_*, fused_*, content, self_reconstruction, ... */
  outputs: Record<string, Float32Array>;
  /** Of every parameter that takes part, by name. */
  gradients: Record<string, Float32Array>;
  /** Running statistics after the pass. */
  buffers: Record<string, Float32Array>;
}

export interface FairDetectorBindings {
  /**
   * One forward and backward pass, for comparison with a reference. Differentiated is the sum of all outputs times
   * their `outputWeights`; `pixels`: count x channels x height x width, first the real ones, then as many fakes.
   */
  fairDetectorDifferentiate(
    pass: NativeFairPass,
    pixels: Float32Array,
    outputWeights: Readonly<Record<string, Float32Array>>,
    token: CancelToken,
  ): Promise<NativeFairGradients>;
}
