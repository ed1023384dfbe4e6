/** Gram matrices of VGG-19 features. Every field is required: defaults live in TypeScript. */
import type { CancelToken, Disposable } from './bindings.js';

export interface NativeGramSpec {
  /** In the network's order, each once: 'conv1_1' to 'conv5_4'. */
  layers: readonly string[];
  /** Features after the rectification, or before. */
  afterRelu: boolean;
  /** Divide by C x H x W. */
  normalized: boolean;
  /** Images are size x size pixels, at least 16. */
  size: number;
  /** Per channel, of values from 0 to 1. */
  mean: readonly number[];
  std: readonly number[];
  /** A .safetensors file with torchvision's keys. */
  weights: string;
  device: string;
  dtype: 'fp32' | 'bf16' | 'fp16';
}

export interface NativeGram extends Disposable {
  /**
   * `images`: `count` times size x size x 3 bytes. Gives for each image the matrices of all layers, one after another,
   * from one forward. Rejects with ERR_NONFINITE.
   */
  grams(images: Uint8Array, count: number, token: CancelToken): Promise<Float32Array>;
  /** What `grams` gave for one image and for any number of others: others x layers distances. */
  distances(gram: Float32Array, others: Float32Array, distance: 'l1' | 'l2', token: CancelToken): Promise<Float64Array>;
}

export interface GramBindings {
  gramLoad(spec: NativeGramSpec, token: CancelToken): Promise<NativeGram>;
}
