/** Networks that find faces and read attributes of them. Every field is required: defaults live in TypeScript. */
import type { CancelToken, Disposable } from './bindings.js';

interface NativeModelPlace {
  /** Path of a .safetensors file. */
  weights: string;
  device: string;
  dtype: 'fp32' | 'bf16' | 'fp16';
}

export interface NativeBlazeFace extends Disposable {
  /**
   * `images`: `count` times 256 x 256 x 3 bytes. For each image its faces, the best first: score, left, top, right,
   * bottom, then x and y of six points, in sides of the image. Rejects with ERR_NONFINITE.
   */
  detect(
    images: Uint8Array,
    count: number,
    thresholds: { scoreThreshold: number; overlapThreshold: number },
    token: CancelToken,
  ): Promise<Float32Array[][]>;
  /** What the network says of every anchor: count x 896 logits and count x 896 x 16 values. */
  forward(
    images: Uint8Array,
    count: number,
    token: CancelToken,
  ): Promise<{ scores: Float32Array; values: Float32Array }>;
}

/** Channels of its three parts. */
export interface NativeBlazeFaceOptions {
  narrow: number;
  middle: number;
  wide: number;
}

export interface NativeMtcnn extends Disposable {
  /**
   * `pixels`: height x width x 3 bytes. `minFace`: pixels of the smallest face, at least 12; `scaleFactor`: of a scale to the
   * next smaller one, above 0 and below 1; `thresholds`: three scores. The faces, the best first: score, left, top, right,
   * bottom, then x and y of five points, in pixels. Rejects with ERR_NONFINITE.
   */
  detect(
    pixels: Uint8Array,
    options: { width: number; height: number; minFace: number; scaleFactor: number; thresholds: readonly number[] },
    token: CancelToken,
  ): Promise<Float32Array[]>;
}

export type NativeAttributeNetwork =
  | {
      network: 'gear';
      options: { channels: readonly number[]; ageHidden: number; genderHidden: number; raceHidden: number };
    }
  | { network: 'emotion'; options: { channels: readonly number[] } };

export interface NativeFaceAttributes extends Disposable {
  /**
   * `images`: `count` pictures of the network's size and channels, 8 bits. Probabilities of each attribute, row by row.
   * Rejects with ERR_NONFINITE.
   */
  read(images: Uint8Array, count: number, token: CancelToken): Promise<Record<string, Float32Array>>;
}

export interface FaceBindings {
  blazeFaceLoad(
    spec: NativeModelPlace & { blazeface: NativeBlazeFaceOptions },
    token: CancelToken,
  ): Promise<NativeBlazeFace>;
  /** Paths of the three networks' .safetensors files. */
  mtcnnLoad(
    spec: Omit<NativeModelPlace, 'weights'> & { proposal: string; refine: string; output: string },
    token: CancelToken,
  ): Promise<NativeMtcnn>;
  /** `batchSize`: pictures that weights are laid out for; any number may be read. */
  faceAttributesLoad(
    spec: NativeModelPlace & NativeAttributeNetwork & { batchSize: number },
    token: CancelToken,
  ): Promise<NativeFaceAttributes>;
}
