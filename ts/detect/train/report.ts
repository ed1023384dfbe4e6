/** What a finished run says about itself. */
import type { DetectorJson } from '../detector-json.js';
import type { ExportedState } from './finish-run.js';
import type { RunState } from './run-state.js';

/** One exported state: its folder and its validation figures. */
export interface ExportReport {
  epoch: number;
  /** Adapter or model folder. */
  path: string;
  /** Mean cross-entropy in nats. */
  loss: number;
  /** Of the larger logit, 0 to 1. */
  accuracy: number;
  auc: number | null;
}

export interface TrainReport {
  /** The run's folder. */
  folder: string;
  steps: number;
  epochs: number;
  /** The epoch with the smallest validation cross-entropy. */
  best: ExportReport;
  last: ExportReport;
  temperature: number;
  threshold: number;
  unsure: DetectorJson['unsure'];
  parameters: { total: number; trained: number };
  /** Images drawn. */
  images: { train: number; validation: number };
  /** Names of the images that could not be read. */
  badImages: readonly string[];
  /** Wall-clock time of this call. */
  seconds: number;
}

function toExportReport({ epoch, path, validation }: ExportedState): ExportReport {
  const { loss, accuracy, auc } = validation;
  return { epoch, path, loss, accuracy, auc };
}

export function makeReport(
  exported: { best: ExportedState; last: ExportedState },
  state: RunState,
  context: Pick<TrainReport, 'folder' | 'parameters' | 'images' | 'badImages' | 'seconds'>,
): TrainReport {
  const { temperature, threshold, unsure } = exported.best.calibration;
  return {
    ...context,
    steps: state.step,
    epochs: state.epochsDone,
    best: toExportReport(exported.best),
    last: toExportReport(exported.last),
    temperature,
    threshold,
    unsure,
  };
}
