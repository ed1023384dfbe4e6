/** DeepFace's networks of attributes. Every field is required unless it may be undefined: defaults live in TypeScript. */
import type { CancelToken, Disposable } from './bindings.js';

/** Paths of .safetensors files; undefined: the attribute is not read. */
export interface NativeDeepFaceFiles {
  age: string | undefined;
  gender: string | undefined;
  race: string | undefined;
  emotion: string | undefined;
}

export interface NativeDeepFace extends Disposable {
  /** How many times the convolutions of VGG-Face are computed for a face. */
  readonly trunks: number;
  /**
   * `pixels`: RGB pictures of faces, one after the other, widths[i] x heights[i] x 3 bytes. Probabilities row by row: `age`
   * 101, `gender` 2, `race` 6, `emotion` 7 a face. Rejects with ERR_NONFINITE.
   */
  read(
    pixels: Uint8Array,
    sizes: { widths: readonly number[]; heights: readonly number[] },
    token: CancelToken,
  ): Promise<Record<string, Float32Array>>;
}

export interface DeepFaceBindings {
  deepFaceLoad(
    spec: NativeDeepFaceFiles & { device: string; dtype: 'fp32' | 'bf16' | 'fp16' },
    token: CancelToken,
  ): Promise<NativeDeepFace>;
}
