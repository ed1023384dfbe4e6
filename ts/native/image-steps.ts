/** Steps of the addon's imageAugment, with drawn parameters. What they mean and their ranges: native/image. */
import type { ImageFilter, PixelWindow } from './bindings.js';

/** Weights of a doubling, an even number of them: a transposed convolution of stride 2. */
export interface UpsamplingLevel {
  taps: number[];
}

/** Where changed pixels show. Positions and radii are shares of the width and the height. */
export type ImageMask =
  | { kind: 'random'; cells: number; seed: number }
  | {
      kind: 'ellipse';
      centerX: number;
      centerY: number;
      radiusX: number;
      radiusY: number;
      steepness: number;
      opacity: number;
    };

/** Arithmetic of torchvision's on uint8. */
type ColourStep =
  | { op: 'flip' }
  | { op: 'brightness' | 'contrast' | 'saturation' | 'hue'; factor: number }
  | { op: 'blur'; kernelSize: number; sigma: number }
  | { op: 'noise'; sigma: number; seed: number }
  | { op: 'resize'; width: number; height: number; filter: ImageFilter }
  | ({ op: 'crop' } & PixelWindow);

type DetailStep =
  | { op: 'sharpen'; sigma: number; amount: number }
  | { op: 'removeWeakDetail'; sigma: number; threshold: number }
  | { op: 'bilateral'; sigma: number; tolerance: number }
  | { op: 'median'; size: 3 | 5 }
  /** `luma`: gains of five bands, finest first. */
  | { op: 'bands'; luma: number[]; chroma: number }
  | { op: 'upsampling'; levels: UpsamplingLevel[]; keep: number }
  | {
      op: 'texture';
      levels: UpsamplingLevel[];
      /** One a level. */
      grain: number[];
      common: number;
      noiseSigma: number;
      detailSigma: number;
      keep: number;
      amount: number;
      seed: number;
    }
  /** Three each. */
  | { op: 'channels'; gains: number[]; offsets: number[] }
  /** Six numbers, row by row. */
  | { op: 'warp'; matrix: number[] };

export type ImageStep = ColourStep | DetailStep | { op: 'masked'; mask: ImageMask; steps: ImageStep[] };
