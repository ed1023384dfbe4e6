/** Comparing images by the Gram matrices of their VGG-19 features. */
export { calibrateGram, calibrationPlot } from './calibration.js';
export type { GramCalibration, GramCalibrationOptions } from './calibration.js';
export { GramComparer } from './gram-comparer.js';
export type { GramCallOptions, GramLayerDistance, GramOutcome, GramResult } from './gram-comparer.js';
export type { WeightedLayer } from './layers.js';
export type { GramOptions } from './options.js';
