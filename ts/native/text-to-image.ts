/** The addon's text-to-image pipeline. As in bindings.ts every field is required: defaults live in TypeScript. */
import type { NativeAutoencoderKlOptions } from './autoencoder-kl.js';
import type { CancelToken, Disposable } from './bindings.js';
import type { NativeClipTextOptions } from './clip.js';
import type { NativeSchedulerConfig } from './scheduler.js';
import type { NativeUnetOptions } from './unet.js';

export interface NativePipelinePart<Options> {
  options: Options;
  /** Path of a .safetensors file or of its index. */
  weights: string;
}

export interface NativeTextToImageSpec {
  textEncoder: NativePipelinePart<NativeClipTextOptions>;
  unet: NativePipelinePart<NativeUnetOptions>;
  vae: NativePipelinePart<NativeAutoencoderKlOptions>;
  /** All three name one file in the original code's layout. */
  singleFile: boolean;
  /** Folded in, in this order. */
  loras: readonly { weights: string; scale: number }[];
  scalingFactor: number;
  /** Side of the latents that the weights are laid out for; others work. */
  latentSize: number;
  device: string;
  dtype: 'fp32' | 'bf16' | 'fp16';
  /** Record the UNet's step where the device can. */
  cudaGraphs: boolean;
}

/** A batch of images of one prompt. */
export interface NativeGenerateRequest {
  /** Tokens, padded. */
  prompt: readonly number[];
  /** As many; empty: no guidance. */
  negativePrompt: readonly number[];
  guidanceScale: number;
  guidanceRescale: number;
  scheduler: NativeSchedulerConfig;
  steps: number;
  /** Pixels, multiples of the VAE's downsampling. */
  height: number;
  width: number;
  /** One an image. */
  seeds: readonly number[];
  /** latentCount (1 or one an image) x channels x h x w of unit variance; null: drawn from the seeds. */
  latents: Float32Array | null;
  latentCount: number;
  /** height x width x 3 bytes, and the share of the steps that are run. Excludes latents. */
  image: { pixels: Uint8Array; strength: number } | null;
  /** Cut a large image into overlapping tiles for the VAE. */
  tiling: boolean;
  preview: boolean;
}

export interface NativeGenerated {
  /** count x height x width x 3 bytes. */
  images: Uint8Array;
  /** count x channels x h x w: what was decoded, with the scaling factor. */
  latents: Float32Array;
}

/** `preview`: count x h x w x 3 bytes, h and w those of the latents. */
export type NativeStepListener = (step: number, total: number, preview: Uint8Array | undefined) => void;

export interface NativeTextToImage extends Disposable {
  readonly parameterCount: number;
  /** Rejects with ERR_NONFINITE. */
  generate(request: NativeGenerateRequest, onStep: NativeStepListener, token: CancelToken): Promise<NativeGenerated>;
}

export interface TextToImageBindings {
  textToImageLoad(spec: NativeTextToImageSpec, token: CancelToken): Promise<NativeTextToImage>;
}
