import type { DetectorPreprocessing } from '../../ts/detect/detector-json.js';

/** How a network of `side` x `side` pixels has its images prepared, in tests that do not care. */
export const preprocessingOf = (side: number) =>
  ({
    inputSize: [3, side, side],
    interpolation: 'bicubic',
    cropPct: 0.9,
    cropMode: 'center',
    mean: [0.5, 0.5, 0.5],
    std: [0.5, 0.5, 0.5],
  }) as const satisfies DetectorPreprocessing;
