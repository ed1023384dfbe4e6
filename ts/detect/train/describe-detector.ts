/** detector.json of one trained state. */
import { producer } from '../../package-version.js';
import {
  DETECTOR_VERSION,
  type DetectorData,
  type DetectorJson,
  type DetectorPreprocessing,
} from '../detector-json.js';
import type { Calibration } from './calibration.js';
import type { ResolvedTrainOptions } from './options.js';
import type { ValidationResult } from './validation.js';

export interface TrainedState {
  epoch: number;
  isBest: boolean;
  step: number;
  validation: ValidationResult;
  calibration: Calibration;
  center: readonly number[];
}

export interface DetectorContext {
  options: ResolvedTrainOptions;
  preprocessing: DetectorPreprocessing;
  /** How an adapter names its base: a hub id, or a path relative to the adapter; null for a whole model. */
  base: string | null;
  data: readonly DetectorData[];
  weightsTerms: string;
  baseDigest: string;
  trainedParameters: number;
  trainImages: number;
}

/** Options that say how the weights came about. */
const REPORTED = [
  'train',
  'init',
  'loss',
  'epochs',
  'batchSize',
  'accumulate',
  'optimizer',
  'learningRate',
  'schedule',
  'weightDecay',
  'augment',
  'balance',
  'pseudoFakes',
  'seed',
] as const satisfies readonly (keyof ResolvedTrainOptions)[];

function summary(context: DetectorContext, state: TrainedState): Record<string, unknown> {
  const { options } = context;
  const { loss, accuracy, auc, labels } = state.validation;
  return {
    ...Object.fromEntries(REPORTED.map((name) => [name, options[name]])),
    epoch: state.epoch,
    step: state.step,
    chosen_by: state.isBest ? 'smallest validation cross-entropy of all epochs' : 'last epoch',
    train_images: context.trainImages,
    trained_parameters: context.trainedParameters,
    base_sha256: context.baseDigest,
    validation: { images: labels.length, loss, accuracy, auc },
  };
}

export function describeDetector(context: DetectorContext, state: TrainedState): DetectorJson {
  const { options } = context;
  const {
    sclWeight: weight,
    sclMargin: margin,
    sclDistance: distance,
    sclScaledMargin: scaledMargin,
  } = options;
  return {
    version: DETECTOR_VERSION,
    labels: ['real', 'fake'],
    ...state.calibration,
    preprocessing: context.preprocessing,
    head: options.head === 'frozen-imagenet' ? 'frozen-imagenet' : 'new',
    base: context.base,
    scl: options.loss === 'scl' ? { weight, margin, distance, scaledMargin, center: state.center } : null,
    data: context.data,
    weightsTerms: context.weightsTerms,
    training: summary(context, state),
    producer: producer(),
    other: {},
  };
}
