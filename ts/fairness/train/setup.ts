/** From options to everything a run of the disentangled detector consists of, checked, before anything is trained. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { TrainingData } from '../../detect/train/data.js';
import { openTrainingData } from '../../detect/train/open-data.js';
import { resumedOptions, type RunKind } from '../../detect/train/run-config.js';
import type { RunFolder } from '../../detect/train/run-folder.js';
import { checkData, resolveArithmetic, storedConfig, writeConfig } from '../../detect/train/setup.js';
import { invalidArgument, outOfRange } from '../../errors.js';
import { resolveOptions } from '../../options.js';
import type { RuntimeOptions } from '../../runtime.js';
import { digestFiles } from '../../weights/digest-files.js';
import { checkFairnessLoss } from '../loss-options.js';
import { parseAttributes } from '../options.js';
import { withGroups } from './number-groups.js';
import { withMethods } from './number-methods.js';
import type { OpenFairTrainerOptions } from './open-fair-trainer.js';
import { FAIR_TRAIN_OPTIONS, type FairTrainOptions, type ResolvedFairTrainOptions } from './options.js';

export const FAIR_RUN: RunKind<typeof FAIR_TRAIN_OPTIONS> = {
  name: 'fair-detector',
  command: 'deepcode fairness train',
  table: FAIR_TRAIN_OPTIONS,
  changes: [
    'out',
    'resume',
    'batchSize',
    'maxBadImages',
    'cacheMegabytes',
    'checkpointSteps',
    'checkpointMinutes',
    'saveDtype',
    'thresholdBy',
    'unsureOdds',
    'weightsTerms',
  ],
};

const WEIGHTS_FILE = 'model.safetensors';

export interface FairSetup extends OpenFairTrainerOptions {
  data: TrainingData;
  baseDigest: string;
}

/** Paths are stored in full, so that a run can be resumed from elsewhere. */
export function withFullPaths(given: FairTrainOptions): FairTrainOptions {
  const { data, model, encoders } = given;
  return {
    ...given,
    ...(data && { data: data.map((path) => resolve(path)) }),
    ...(model !== undefined && { model: resolve(model) }),
    ...(encoders !== undefined && { encoders: resolve(encoders) }),
  };
}

/** @throws TypeError, RangeError for options that are missing or contradict each other */
export function checkFairTrainOptions(options: ResolvedFairTrainOptions): void {
  const { data, imageSize, norms, model, encoders, fairnessGroups } = options;
  checkData(data);
  if (imageSize % 32 !== 0) throw outOfRange('imageSize', 'a multiple of 32', imageSize);
  parseAttributes('fairnessGroups', fairnessGroups);
  checkFairnessLoss(options);
  if (norms === 'frozen' && model === undefined && encoders === undefined) {
    throw invalidArgument('norms', 'update without --model and --encoders, as there are no statistics yet', norms);
  }
}

/** Of a detector's folder, or of the run that made it. */
function weightsOf(folder: string): string {
  const ofRun = join(folder, 'model', WEIGHTS_FILE);
  return existsSync(ofRun) ? ofRun : join(folder, WEIGHTS_FILE);
}

/** Whether there is anything to tell apart for the specific-forgery branch. */
function specificClasses(
  { specific }: ResolvedFairTrainOptions,
  methods: readonly string[],
  log: (message: string) => void,
): number {
  if (specific === 'off') return 0;
  if (methods.length >= 2 || specific === 'on') return methods.length + 1;
  log(
    'All fakes were made in one way, so there are no forgery methods to tell apart: training without the ' +
      'specific-forgery branch. --specific on trains it nevertheless.',
  );
  return 0;
}

/**
 * @param given with full paths
 * @throws TypeError, RangeError; DeepcodeError ERR_CONFIG, ERR_DATASET, ERR_IO, ERR_DTYPE
 */
export async function setUpFairRun(
  given: FairTrainOptions & RuntimeOptions,
  folder: RunFolder,
  log: (message: string) => void,
  signal?: AbortSignal,
): Promise<FairSetup> {
  const stored = await storedConfig(folder, FAIR_RUN, given.resume === true, log);
  const options = stored ? resumedOptions(FAIR_RUN, stored.options, given) : resolveOptions(FAIR_TRAIN_OPTIONS, given);
  checkFairTrainOptions(options);
  const { device, dtype } = resolveArithmetic(given, stored);
  const opened = await openTrainingData({ ...options, pseudoFakes: 0 }, log, signal);
  const { groups, data: grouped } = withGroups(opened, options.fairnessGroups, log);
  const { methods, data } = withMethods(grouped);
  const weights = options.model === undefined ? null : weightsOf(options.model);
  const files = [weights, options.encoders ?? null].flatMap((path) => path ?? []);
  const baseDigest = await digestFiles(files, 'A file of the weights to start from', signal);
  const network = {
    inChannels: 3,
    imageHeight: options.imageSize,
    imageWidth: options.imageSize,
    specificClasses: specificClasses(options, methods, log),
    groups: groups.length,
    width: options.width,
    headDropout: options.headDropout,
    decoderDropout: options.decoderDropout,
  };
  await writeConfig(folder, FAIR_RUN.name, { options, device, dtype, data, baseDigest }, stored, log);
  return { options, network, groups, methods, weights, device, dtype, data, baseDigest };
}
