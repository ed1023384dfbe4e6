/** detector.json of one trained state. */
import { producer } from '../../package-version.js';
import {
  DETECTOR_VERSION,
  type DetectorData,
  type DetectorJson,
  type DetectorPreprocessing,
  type Tta,
} from '../detector-json.js';
import type { Calibration, CalibrationOptions } from './calibration.js';
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
  options: CalibrationOptions;
  /** Single-Center Loss as it was set; null: without. */
  scl: Omit<NonNullable<DetectorJson['scl']>, 'center'> | null;
  head: DetectorJson['head'];
  /** Options that say how the weights came about, and what else is worth knowing. */
  training: Readonly<Record<string, unknown>>;
  preprocessing: DetectorPreprocessing;
  tta: Tta;
  /** How an adapter names its base: a hub id, or a path relative to the adapter; null for a whole model. */
  base: string | null;
  data: readonly DetectorData[];
  weightsTerms: string;
  baseDigest: string;
  trainedParameters: number;
  trainImages: number;
}

function summary(context: DetectorContext, state: TrainedState): Record<string, unknown> {
  const { loss, accuracy, auc, labels } = state.validation;
  return {
    ...context.training,
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
  return {
    version: DETECTOR_VERSION,
    labels: ['real', 'fake'],
    ...state.calibration,
    preprocessing: context.preprocessing,
    tta: context.tta,
    head: context.head,
    base: context.base,
    scl: context.scl && { ...context.scl, center: state.center },
    data: context.data,
    weightsTerms: context.weightsTerms,
    training: summary(context, state),
    producer: producer(),
    other: {},
  };
}
