/** The addon's interface. Every field of every options object is required: defaults live in TypeScript. */
import type { AutoencoderKlBindings } from './autoencoder-kl.js';
import type { CaptionerBindings } from './captioner.js';
import type { ClipBindings } from './clip.js';
import type { DeepFaceBindings } from './deepface.js';
import type { DetectorBindings } from './detector.js';
import type { DiffusionWeightsBindings } from './diffusion-weights.js';
import type { FaceBindings } from './faces.js';
import type { FairDetectorBindings } from './fair-detector.js';
import type { FairTrainerBindings } from './fair-trainer.js';
import type { GramBindings } from './gram.js';
import type { ImageStep } from './image-steps.js';
import type { LossBindings } from './losses.js';
import type { RandomWeightsBindings } from './random-weights.js';
import type { SchedulerBindings } from './scheduler.js';
import type { TextToImageBindings } from './text-to-image.js';
import type { TrainerBindings } from './trainer.js';
import type { UnetBindings } from './unet.js';
import type { WeightsBindings } from './weights.js';

export type { ImageStep };

/** What the runtime found when the addon was loaded. */
export interface RuntimeInfo {
  /** libtorch's version, for example "2.13.0". */
  torch: string;
  /** The instruction set that libtorch's kernels were chosen for: "AVX512", "AVX2" or "DEFAULT". */
  cpuCapability: string;
  /** Threads an operator may use. */
  threads: number;
  cuda: { available: boolean; librariesLoaded: boolean; reason: string; devices: string[] };
}

export interface Disposable {
  /** Frees the native memory. Idempotent; calls in flight finish. */
  dispose(): void;
}

export interface CancelToken extends Disposable {
  cancel(): void;
}

export type ImageFilter = 'nearest' | 'box' | 'bilinear' | 'hamming' | 'bicubic' | 'lanczos';
export type PixelLayout = 'grey' | 'greyAlpha' | 'rgb' | 'rgba' | 'cmyk';
/** How a sample becomes 8-bit: as it is, the high byte of 16 bits, or 16 bits clipped at 255. */
export type SampleDepth = '8' | '16HighByte' | '16Clip';
export interface PixelWindow {
  left: number;
  top: number;
  width: number;
  height: number;
}
/** Tightly packed rows; 8-bit RGB unless said otherwise. */
export interface Pixels {
  width: number;
  height: number;
  data: Uint8Array;
}
/** Pixel work on the libuv pool. The input must not be written to until the promise settles. */
export interface ImageBindings {
  imageUnpack(
    samples: Uint8Array,
    options: { sourceWidth: number; sourceHeight: number; layout: PixelLayout; depth: SampleDepth; orientation: number },
  ): Promise<Pixels>;
  /** `window` of what `box` becomes at width x height. 1 or 3 channels. */
  imageResample(
    samples: Uint8Array,
    options: {
      sourceWidth: number;
      sourceHeight: number;
      channels: number;
      filter: ImageFilter;
      width: number;
      height: number;
      box: { left: number; top: number; right: number; bottom: number };
      window: PixelWindow;
    },
  ): Promise<Pixels>;
  /** `crop`, which may reach outside, of the whole image at width x height. */
  imageResizeCrop(
    pixels: Uint8Array,
    options: {
      sourceWidth: number;
      sourceHeight: number;
      filter: ImageFilter;
      width: number;
      height: number;
      crop: PixelWindow;
      fill: number[];
    },
  ): Promise<Pixels>;
  /**
   * The point (x, y) of the result shows (a x + b y + c, d x + e y + f) of the source, for `matrix` [a, b, c, d, e, f]; in
   * pixels from the upper left corner.
   */
  imageAffineCrop(
    pixels: Uint8Array,
    options: {
      sourceWidth: number;
      sourceHeight: number;
      width: number;
      height: number;
      matrix: number[];
      fill: number[];
    },
  ): Promise<Pixels>;
  imageAugment(
    pixels: Uint8Array,
    options: { sourceWidth: number; sourceHeight: number; steps: ImageStep[] },
  ): Promise<Pixels>;
}

export interface NativeBindings
  extends
    AutoencoderKlBindings,
    CaptionerBindings,
    ClipBindings,
    DetectorBindings,
    DiffusionWeightsBindings,
    DeepFaceBindings,
    FaceBindings,
    FairDetectorBindings,
    FairTrainerBindings,
    GramBindings,
    ImageBindings,
    LossBindings,
    RandomWeightsBindings,
    SchedulerBindings,
    TextToImageBindings,
    TrainerBindings,
    UnetBindings,
    WeightsBindings {
  initialize(options: { libtorchDirectory: string }): void;
  runtimeInfo(): RuntimeInfo;
  /** 0: libtorch's default. */
  setThreads(threads: number): void;
  shutdown(): void;
  newCancelToken(): CancelToken;
  synchronize(device: string): Promise<void>;
}
