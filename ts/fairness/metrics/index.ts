export { estimate, type Estimate } from './estimate.js';
export { FIGURES, fairnessFigures, type FigureName, type RateName } from './figures.js';
export { thresholdAtFpr } from './fixed-fpr.js';
export { groupRates, pooledCounts, type GroupRates } from './rates.js';
