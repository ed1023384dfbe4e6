/** What a detector takes, what it says of itself, and what it is made of. */
import type { ImageInput } from '../data/image-input.js';
import type { DownloadProgress } from '../hub/index.js';
import type { NativeDetector } from '../native/detector.js';
import type { Given } from '../options.js';
import type { RuntimeOptions } from '../runtime.js';
import type { Detection, DETECTOR_OPTIONS, UnsureBand } from './detection.js';
import type { DetectorData, Tta } from './detector-json.js';

export type DetectorOptions = RuntimeOptions &
  Given<typeof DETECTOR_OPTIONS> & {
    /** Folder of a PEFT adapter; it is folded into the base weights in memory. */
    adapter?: string | undefined;
    signal?: AbortSignal | undefined;
    /** Called as bytes of a hub model arrive. */
    onDownload?: ((progress: DownloadProgress) => void) | undefined;
  };

export interface DetectorInfo {
  /** Folder of the base model. */
  model: string;
  adapter: string | undefined;
  /** Parameters of the network as it computes, with any adapter folded in. */
  parameters: number;
  labels: readonly ['real', 'fake'];
  /** [channels, height, width] in pixels of what the network sees. */
  inputSize: readonly [number, number, number];
  /** Test-time augmentation; flip: logits, features and heat maps are means over an image and its mirror image. */
  tta: Tta;
  /** "cpu" or "cuda:N". */
  device: string;
  dtype: 'fp32' | 'bf16' | 'fp16';
  /** P(fake) = sigmoid((fake - real) / temperature). */
  temperature: number;
  /** The score from which on an image counts as fake in evaluations. */
  threshold: number;
  /** What may be done with the weights. */
  terms: string;
  /** The loss they were trained with: cross-entropy, or Single-Center Loss on top; null where detector.json does not say. */
  trainedWith: 'ce' | 'scl' | null;
  /** The data sets that the weights were trained on, as far as detector.json says. */
  trainedOn: readonly DetectorData[];
}

/** What came of one image among many. */
export type DetectionOutcome<I extends ImageInput = ImageInput> =
  | { input: I; detection: Detection; error?: undefined }
  | { input: I; detection?: undefined; error: Error };

export interface HeatmapResult {
  /** The image as the network saw it, places that moved the score lit up, with a legend. */
  png: Buffer;
  /** How much each cell of a grid over the image raised `direction`'s logit: rows x columns values of at least 0. */
  map: { values: Float32Array; rows: number; columns: number };
  /** The class that the map argues for. */
  direction: 'real' | 'fake';
  detection: Detection;
}

export interface DetectorHeatmapOptions {
  /** Default: fake when the score reaches the threshold, else real. */
  direction?: 'real' | 'fake' | undefined;
  signal?: AbortSignal | undefined;
}

/** What a detector is made of. */
export interface DetectorParts {
  network: NativeDetector;
  /** Decodes, turns upright, resizes and crops to `inputSize`: height x width x 3 bytes. */
  prepare: (input: string | Uint8Array, signal: AbortSignal | undefined) => Promise<Uint8Array>;
  info: DetectorInfo;
  unsureBand: UnsureBand;
  batchSize: number;
}
