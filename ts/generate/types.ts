/** What TextToImage takes and gives. */
import type { RgbImage } from '../data/rgb-image.js';
import type { DownloadProgress } from '../hub/index.js';
import type { Given } from '../options.js';
import type { Dtype, RuntimeOptions } from '../runtime.js';
import type { TensorData } from '../weights/tensor-data.js';
import type { GENERATE_OPTIONS, LOAD_OPTIONS } from './options.js';
import type { SourceImage } from './source-image.js';

/** A LoRA file for Stable Diffusion, with diffusers' or kohya's key names. */
export interface LoraOption {
  /** A .safetensors file. */
  path: string;
  /** Default 1. */
  scale?: number | undefined;
}

export type TextToImageOptions = RuntimeOptions &
  Given<typeof LOAD_OPTIONS> & {
    /** Folded into the weights in memory, in this order. */
    loras?: readonly LoraOption[] | undefined;
    /** What `generate` will be given: refused before the weights are loaded, if it does not fit the model. */
    check?: GenerateOptions | undefined;
    signal?: AbortSignal | undefined;
    /** Called as bytes of a hub model arrive. */
    onDownload?: ((progress: DownloadProgress) => void) | undefined;
  };

export type GenerateOptions = Given<typeof GENERATE_OPTIONS> & {
  prompt: string;
  /** Image-to-image: where to start, a file or pixels; resized to width x height, or to multiples of 8. */
  image?: SourceImage | undefined;
  /** The first latents, of unit variance: [1 or count, channels, height / 8, width / 8]. Excludes `image`. */
  latents?: TensorData | undefined;
  /** Steps carry a small picture of the image so far, by a linear approximation. Default false. */
  preview?: boolean | undefined;
  /** Called when the end of a prompt is cut off, because the text encoder reads 77 tokens. */
  onWarning?: ((message: string) => void) | undefined;
  /** Stops within a step; the memory of the call is freed. */
  signal?: AbortSignal | undefined;
};

export interface GenerationStep {
  /** Calls of the network that are done, over all images; PNDM and Heun make more of them than there are steps. */
  step: number;
  total: number;
  /** The first image that these calls are for, from 0. */
  image: number;
  /** At the pace so far. */
  secondsLeft: number;
  /** One for each image that is being drawn. */
  preview?: readonly RgbImage[];
}

export interface GeneratedImage extends RgbImage {
  /** What the image can be drawn from again, alone. */
  seed: number;
  /** The safety checker found something; the pixels are black. */
  flagged: boolean;
  /** What was decoded, [channels, height / 8, width / 8], with the VAE's scaling factor. */
  latents: TensorData;
  /** How it was made, as the PNG's `parameters` text. */
  parameters: string;
  /** A PNG file with `parameters` and the mark of a generated image. */
  png(): Promise<Buffer>;
}

export interface TextToImageInfo {
  /** Folder or file of the model. */
  model: string;
  parameters: number;
  /** Pixels a side that the model was trained for. */
  defaultSize: number;
  /** The model's own sampler. */
  scheduler: string;
  safetyChecker: boolean;
  /** "cpu" or "cuda:N". */
  device: string;
  dtype: Dtype;
}

/** What is worth knowing of a prompt before it is drawn. */
export interface PromptReport {
  /** Tokens of the text, without start and end. */
  tokens: number;
  /** The end of the text that the encoder does not see; empty: it sees all. */
  truncated: string;
}
