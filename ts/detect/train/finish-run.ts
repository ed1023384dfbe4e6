/** After the last epoch: the last and the best state, each calibrated and exported for inference. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomicFile, writeAtomicFolder } from '../../weights/atomic-folder.js';
import { DETECTOR_FILE, formatDetectorJson, type DetectorJson } from '../detector-json.js';
import { calibrate } from './calibration.js';
import { epochCheckpointName, type CheckpointStore } from './checkpoint-store.js';
import type { TrainingSample } from './data.js';
import { describeDetector, type DetectorContext, type TrainedState } from './describe-detector.js';
import type { RunFolder } from './run-folder.js';
import type { RunState } from './run-state.js';
import type { Trainer } from './trainer.js';
import { validate, type ScoringParts } from './validation.js';

export interface FinishParts extends ScoringParts {
  trainer: Trainer;
  context: DetectorContext;
  folder: RunFolder;
  checkpoints: CheckpointStore;
  validation: readonly TrainingSample[];
  kind: 'adapter' | 'model';
}

export interface ExportedState extends TrainedState {
  /** The folder that was written. */
  path: string;
  detector: DetectorJson;
}

/** `all` and `head` change the model itself; LoRA leaves it alone. */
export function exportKind(options: { train: 'lora' | 'all' | 'head' }): 'adapter' | 'model' {
  return options.train === 'lora' ? 'adapter' : 'model';
}

async function exportState(
  path: string,
  epoch: number,
  isBest: boolean,
  parts: FinishParts,
  signal?: AbortSignal,
): Promise<ExportedState> {
  const { trainer, checkpoints, context } = parts;
  const checkpoint = await checkpoints.open(epochCheckpointName(epoch));
  await trainer.restoreState(checkpoint.tensors);
  const validation = await validate(parts.validation, parts, signal);
  const calibration = calibrate(validation.logits, validation.labels, context.options);
  const trained: TrainedState = {
    epoch,
    step: checkpoint.state.step,
    isBest,
    validation,
    calibration,
    center: await trainer.center(),
  };
  const detector = describeDetector(context, trained);
  await writeAtomicFolder(path, async (temporary) => {
    await trainer.exportWeights(temporary);
    await writeFile(join(temporary, DETECTOR_FILE), formatDetectorJson(detector));
  });
  return { ...trained, path, detector };
}

/**
 * Exports the last epoch's state and the best one's; the run's own detector.json is the best one's. Where no epoch
 * is known to be the best, the last one is.
 * Repeating it gives the same files.
 */
export async function finishRun(
  state: RunState,
  parts: FinishParts,
  signal?: AbortSignal,
): Promise<{ best: ExportedState; last: ExportedState }> {
  const { folder, kind } = parts;
  const lastEpoch = state.epochsDone;
  const bestEpoch = state.best?.epoch ?? lastEpoch;
  const last = await exportState(folder.last(kind), lastEpoch, lastEpoch === state.best?.epoch, parts, signal);
  const best = await exportState(folder.best(kind), bestEpoch, state.best !== null, parts, signal);
  await writeAtomicFile(join(folder.path, DETECTOR_FILE), formatDetectorJson(best.detector));
  return { best, last };
}
