/** `trainFairDetector`: from options to a finished run folder. */
import { resolve } from 'node:path';
import type { TrainHooks } from '../../detect/train/hooks.js';
import type { TrainReport } from '../../detect/train/report.js';
import { lockRun, RunFolder } from '../../detect/train/run-folder.js';
import { TrainingSession } from '../../detect/train/session.js';
import { checkOut } from '../../detect/train/setup.js';
import { resolveOptions } from '../../options.js';
import { checkRuntimeOptions, type RuntimeOptions } from '../../runtime.js';
import { fairJob } from './fair-job.js';
import { FAIR_TRAIN_OPTIONS, type FairTrainOptions } from './options.js';
import { checkFairTrainOptions, setUpFairRun, withFullPaths } from './setup.js';

async function runTraining(
  given: FairTrainOptions & RuntimeOptions,
  hooks: TrainHooks,
): Promise<TrainReport> {
  const folder = new RunFolder(resolve(given.out ?? FAIR_TRAIN_OPTIONS.out.default));
  const unlock = await lockRun(folder);
  try {
    const setup = await setUpFairRun(given, folder, hooks.onLog ?? (() => {}), hooks.signal);
    return await new TrainingSession(folder, fairJob(setup), hooks).run();
  } finally {
    await unlock();
  }
}

/**
 * Trains the disentangled detector of Lin et al. 2024 on pairs of real and fake images, with the bi-level fairness
 * loss over the groups of people that the data sets name. Writes a run folder as `train` does: config.json,
 * metrics.jsonl, curves.svg, checkpoints/, model/ (best epoch), model-last/ and detector.json. With `resume`, the
 * run in `out` goes on from its last checkpoint as if it had never stopped.
 *
 * @throws TypeError, RangeError at once for wrong options
 * @returns rejects with AbortError after `signal`, leaving a checkpoint; DeepcodeError ERR_DATASET (also where fewer
 *   than two groups are known), ERR_IMAGE, ERR_NONFINITE (the last good checkpoint stays), ERR_BUSY, ERR_CONFIG,
 *   ERR_WEIGHTS_*, ERR_IO
 */
export function trainFairDetector(
  options: FairTrainOptions & RuntimeOptions,
  hooks: TrainHooks = {},
): Promise<TrainReport> {
  const resolved = resolveOptions(FAIR_TRAIN_OPTIONS, options);
  checkRuntimeOptions(options);
  checkOut(resolved.out);
  if (!resolved.resume) checkFairTrainOptions(resolved);
  return runTraining(withFullPaths(options), hooks);
}
