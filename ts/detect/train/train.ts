/** Training of a detector, from options to a finished run folder. */
import { resolve } from 'node:path';
import { resolveOptions } from '../../options.js';
import { checkRuntimeOptions, type RuntimeOptions } from '../../runtime.js';
import type { TrainHooks } from './hooks.js';
import { TRAIN_OPTIONS, type TrainOptions } from './options.js';
import type { TrainReport } from './report.js';
import { lockRun, RunFolder } from './run-folder.js';
import { TrainingSession } from './session.js';
import { vitJob } from './vit-job.js';
import { checkOut, checkTrainOptions, setUpRun, withFullPaths } from './setup.js';

export type { BestState, TrainHooks } from './hooks.js';

async function runTraining(given: TrainOptions & RuntimeOptions, hooks: TrainHooks): Promise<TrainReport> {
  const folder = new RunFolder(resolve(given.out ?? TRAIN_OPTIONS.out.default));
  const unlock = await lockRun(folder);
  try {
    const setup = await setUpRun(given, folder, hooks.onLog ?? (() => {}), hooks.signal);
    return await new TrainingSession(folder, vitJob(setup), hooks).run();
  } finally {
    await unlock();
  }
}

/**
 * Trains a detector of real and generated faces and writes a run folder: config.json, metrics.jsonl,
 * curves.svg, checkpoints/, the best and the last state as PEFT adapters (adapter/, adapter-last/) or timm
 * folders (model/, model-last/), and detector.json. With `resume`, the run in `out` goes on from its last
 * checkpoint as if it had never stopped; other options are then taken from it.
 *
 * @throws TypeError, RangeError at once for wrong options
 * @returns rejects with AbortError after `signal`, leaving a checkpoint; DeepcodeError ERR_DATASET,
 *   ERR_IMAGE (too many unreadable images), ERR_NONFINITE (the last good checkpoint stays), ERR_BUSY,
 *   ERR_CONFIG, ERR_WEIGHTS_*, ERR_IO
 */
export function train(options: TrainOptions & RuntimeOptions, hooks: TrainHooks = {}): Promise<TrainReport> {
  const resolved = resolveOptions(TRAIN_OPTIONS, options);
  checkRuntimeOptions(options);
  checkOut(resolved.out);
  if (!resolved.resume) checkTrainOptions(resolved);
  return runTraining(withFullPaths(options), hooks);
}
