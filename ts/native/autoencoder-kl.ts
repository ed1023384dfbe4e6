/** The addon's AutoencoderKL. As in bindings.ts every field is required: defaults live in TypeScript. */
import type { CancelToken, Disposable } from './bindings.js';

/** Field by field as diffusers' vae/config.json. */
export interface NativeAutoencoderKlOptions {
  inChannels: number;
  outChannels: number;
  latentChannels: number;
  /** One entry a level, from full resolution down. */
  blockOutChannels: readonly number[];
  layersPerBlock: number;
  actFn: 'silu' | 'gelu' | 'relu';
  normNumGroups: number;
  /** Pixels; the side of a tile. */
  sampleSize: number;
  useQuantConv: boolean;
  usePostQuantConv: boolean;
  midBlockAddAttention: boolean;
}

export interface NativeVaeTiling {
  /** One image at a time. */
  slicing: boolean;
  /** Overlapping tiles of sampleSize pixels. */
  tiling: boolean;
}

export interface NativeAutoencoderKlSpec {
  vae: NativeAutoencoderKlOptions;
  /** Path of a .safetensors file or of its index. */
  weights: string;
  device: string;
  dtype: 'fp32' | 'bf16' | 'fp16';
  /** What the weights are laid out for; other sizes work. Height and width are the latents'. */
  batchSize: number;
  height: number;
  width: number;
}

/** count x channels x height x width values. */
export interface NativeMap {
  data: Float32Array;
  count: number;
  height: number;
  width: number;
}

export interface NativeAutoencoderKl extends Disposable {
  /** Pixels from -1 to 1 to means and logarithms of variances: count x 2 latentChannels x h x w. */
  encode(pixels: NativeMap, tiling: NativeVaeTiling, token: CancelToken): Promise<Float32Array>;
  /** Latents, divided by the scaling factor, to pixels: count x outChannels x H x W. */
  decode(latents: NativeMap, tiling: NativeVaeTiling, token: CancelToken): Promise<Float32Array>;
}

export interface AutoencoderKlBindings {
  autoencoderKlLoad(spec: NativeAutoencoderKlSpec, token: CancelToken): Promise<NativeAutoencoderKl>;
}
