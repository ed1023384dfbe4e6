/** How the disentangled detector sees its images. */
import type { DetectorPreprocessing } from '../../detect/detector-json.js';
import type { NativeFairDetectorOptions } from '../../native/fair-detector.js';

/** From 0..1 to -1..1, which the decoder's tanh can reach. */
const HALF = [0.5, 0.5, 0.5] as const;

/** The whole image at the network's size, as the reference has it. */
export function fairPreprocessing({ imageHeight, imageWidth }: NativeFairDetectorOptions): DetectorPreprocessing {
  return {
    inputSize: [3, imageHeight, imageWidth],
    interpolation: 'bilinear',
    cropPct: 1,
    cropMode: 'squash',
    mean: HALF,
    std: HALF,
  };
}
