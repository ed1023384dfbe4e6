/** The addon's UNet. As in bindings.ts every field is required: defaults live in TypeScript. */
import type { CancelToken, Disposable } from './bindings.js';

/**
 * A conditional UNet, field by field as diffusers' unet/config.json. Lists have one entry a level, from full resolution
 * down; upCrossAttention is in the order of up_block_types, from the bottom up.
 */
export interface NativeUnetOptions {
  inChannels: number;
  outChannels: number;
  centerInputSample: boolean;
  flipSinToCos: boolean;
  freqShift: number;
  downCrossAttention: readonly boolean[];
  upCrossAttention: readonly boolean[];
  midBlock: 'cross-attention' | 'plain' | 'none';
  blockOutChannels: readonly number[];
  layersPerBlock: readonly number[];
  crossAttentionDim: readonly number[];
  transformerLayersPerBlock: readonly number[];
  /** The config calls it attention_head_dim. */
  numAttentionHeads: readonly number[];
  onlyCrossAttention: readonly boolean[];
  downsamplePadding: number;
  midBlockScaleFactor: number;
  actFn: 'silu' | 'gelu' | 'relu';
  normNumGroups: number;
  normEps: number;
  /** resnet_time_scale_shift is "scale_shift". */
  timeScaleShift: boolean;
  timeEmbeddingDim: number;
  /** Width of a guidance embedding; 0: none. */
  timeCondProjDim: number;
  convInKernel: number;
  convOutKernel: number;
}

export interface NativeUnetSpec {
  unet: NativeUnetOptions;
  /** Path of a .safetensors file or of its index. */
  weights: string;
  device: string;
  dtype: 'fp32' | 'bf16' | 'fp16';
  /** Record the step where the device can. */
  cudaGraphs: boolean;
  /** What the weights are laid out for; other sizes work. Height and width are the latents'. */
  batchSize: number;
  height: number;
  width: number;
  tokens: number;
}

export interface NativeUnetInput {
  count: number;
  height: number;
  width: number;
  /** count x inChannels x height x width. */
  latents: Float32Array;
  /** count. */
  timesteps: Float32Array;
  /** count x tokens x crossAttentionDim. */
  text: Float32Array;
  /** count x timeCondProjDim, or null. */
  timestepCond: Float32Array | null;
}

export interface NativeUnet extends Disposable {
  /** count x outChannels x height x width. Rejects with ERR_SHAPE, ERR_NONFINITE. */
  forward(input: NativeUnetInput, token: CancelToken): Promise<Float32Array>;
  /** Whether the device replays the step from a recording: on CUDA, from the second call with inputs of the same shapes on. */
  recorded(token: CancelToken): Promise<boolean>;
}

export interface UnetBindings {
  unetLoad(spec: NativeUnetSpec, token: CancelToken): Promise<NativeUnet>;
}
