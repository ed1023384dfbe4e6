/** Fairness: how a detector treats groups of people. */
export { datasetNotes } from './data-notes.js';
export { evaluateFairness } from './evaluate.js';
export type { EvaluateFairnessOptions, FairnessEvaluation, FairnessSample } from './evaluate.js';
export { labelPeople } from './label.js';
export type { LabelledPerson, LabelPeopleOptions } from './label.js';
export { FIGURES, fairnessFigures, groupRates, pooledCounts, thresholdAtFpr } from './metrics/index.js';
export type { Estimate, FigureName, GroupRates, RateName } from './metrics/index.js';
export type { FairnessOptions } from './options.js';
export { fairnessReport } from './report/build.js';
export type { FairnessInput } from './report/build.js';
export { fairnessCharts } from './report/charts.js';
export { fairnessHtml } from './report/html.js';
export { fairnessMarkdown } from './report/markdown.js';
export type { FairnessReport, FamilyReport, FigureReport, GroupReport } from './report/types.js';
export type { FairTrainOptions } from './train/options.js';
export { trainFairDetector } from './train/train.js';
export type { ThresholdRule } from './thresholds.js';
