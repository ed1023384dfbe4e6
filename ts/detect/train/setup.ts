/** From options to everything a run consists of, checked, before anything is trained. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import type { Preprocessing } from '../../data/preprocess.js';
import { parsePseudoFakeKinds } from '../../data/pseudo-fakes.js';
import { DeepcodeError, invalidArgument, missingArgument } from '../../errors.js';
import { checkFairnessLoss } from '../../fairness/loss-options.js';
import { parseAttributes } from '../../fairness/options.js';
import { withGroups } from '../../fairness/train/number-groups.js';
import { resolveOptions, type OptionTable, type Resolved } from '../../options.js';
import { producer } from '../../package-version.js';
import { checkRuntimeOptions, resolveRuntime, runtimeInfo, type RuntimeOptions } from '../../runtime.js';
import { writeAtomicFile } from '../../weights/atomic-folder.js';
import type { DetectorPreprocessing } from '../detector-json.js';
import { openBaseModel, type BaseModel } from './base-model.js';
import type { TrainingData } from './data.js';
import { exportKind } from './finish-run.js';
import { openTrainingData } from './open-data.js';
import { RESUMABLE_CHANGES, TRAIN_OPTIONS, type ResolvedTrainOptions, type TrainOptions } from './options.js';
import {
  checkSameRun,
  digestOf,
  formatRunConfig,
  readRunConfig,
  resumedOptions,
  type RunConfig,
  type RunKind,
} from './run-config.js';
import type { RunFolder } from './run-folder.js';

const VIT_RUN: RunKind<typeof TRAIN_OPTIONS> = {
  name: 'vit',
  command: 'deepcode train',
  table: TRAIN_OPTIONS,
  changes: RESUMABLE_CHANGES,
};

/** Where and in which numbers a run computes. */
export type Arithmetic = Pick<RunSetup, 'device' | 'dtype'>;

export interface RunSetup {
  options: ResolvedTrainOptions;
  device: string;
  dtype: 'fp32' | 'bf16';
  base: BaseModel;
  /** How an exported adapter names its base. */
  baseName: string | null;
  preprocessing: Preprocessing & DetectorPreprocessing;
  data: TrainingData;
  config: RunConfig;
}

/** Paths are stored in full, so that a run can be resumed from elsewhere. A hub id stays one. */
export function withFullPaths(given: TrainOptions): TrainOptions {
  const { data, model, initAdapter } = given;
  return {
    ...given,
    ...(data && { data: data.map((path) => resolve(path)) }),
    ...(model !== undefined && existsSync(model) && { model: resolve(model) }),
    ...(initAdapter !== undefined && { initAdapter: resolve(initAdapter) }),
  };
}

function requireText(name: string, flag: string, value: string | undefined): void {
  if (value === undefined || value === '') throw missingArgument(name, flag);
}

/** @throws TypeError for an empty name, which would be the current folder */
export function checkOut(out: string): void {
  requireText('out', '--out', out);
}

/** @throws TypeError for a list that is empty or holds an empty name, which would be the current folder */
export function checkData(data: readonly string[]): void {
  if (data.length === 0 || data.includes('')) throw missingArgument('data', '--data');
}

/** @throws TypeError for options that are missing or contradict each other */
export function checkTrainOptions(options: ResolvedTrainOptions): void {
  parsePseudoFakeKinds(options.pseudoFakeKinds);
  parseAttributes('fairnessGroups', options.fairnessGroups);
  checkFairnessLoss(options);
  const { data, model, train, head, init, initAdapter, loss, fairness, cutmix } = options;
  checkData(data);
  requireText('model', '--model', model);
  if (train === 'head' && head === 'frozen-imagenet') {
    throw invalidArgument('head', 'new or keep with --train head, as nothing else is trained', head);
  }
  if (init !== 'pretrained' && train !== 'all') {
    throw invalidArgument('train', `all with --init ${init}, as the random base is not stored`, train);
  }
  if (initAdapter !== undefined && train !== 'lora')
    throw invalidArgument('train', 'lora with --init-adapter', train);
  if (cutmix > 0 && (loss === 'scl' || fairness !== 'none')) {
    throw invalidArgument('cutmix', '0 with --loss scl or --fairness, as a mixed image has no one class or group', cutmix);
  }
}

/** Training in fp16 would need loss scaling; bf16 does not, and is what CUDA gets by default. */
export function resolveArithmetic(given: RuntimeOptions, stored: RunConfig | undefined): Arithmetic {
  checkRuntimeOptions(given);
  // The same device and threads as before, or the last digits differ.
  const { device: storedDevice, threads: storedThreads } = stored ?? {};
  const { device = storedDevice, threads = storedThreads } = given;
  const { device: found } = resolveRuntime({ device, threads, dtype: 'auto' });
  if (given.dtype === 'fp16')
    throw new DeepcodeError(
      'ERR_DTYPE',
      'Training computes in fp32 or bf16, not in fp16. Pass --dtype bf16.',
    );
  const automatic = stored?.dtype ?? (found === 'cpu' ? 'fp32' : 'bf16');
  return {
    device: found,
    dtype: given.dtype === undefined || given.dtype === 'auto' ? automatic : given.dtype,
  };
}

function trainingPreprocessing({ vit }: BaseModel): RunSetup['preprocessing'] {
  const { interpolation, ...rest } = vit.preprocessing;
  if (interpolation === 'nearest' || rest.inputSize[0] !== 3) {
    throw new DeepcodeError(
      'ERR_CONFIG',
      'The model needs RGB input with bicubic, bilinear, lanczos or box interpolation.',
    );
  }
  return { ...rest, interpolation };
}

function nameOfBase(options: ResolvedTrainOptions, base: BaseModel, folder: RunFolder): string | null {
  const kind = exportKind(options);
  if (kind === 'model') return null;
  return existsSync(options.model!) ? relative(folder.best(kind), base.folder) : options.model!;
}

/**
 * What the run in the folder was started with; undefined where there is none.
 *
 * @throws DeepcodeError ERR_CONFIG where there is one and it is not to be resumed
 */
export async function storedConfig<T extends OptionTable>(
  folder: RunFolder,
  kind: RunKind<T>,
  resume: boolean,
  log: (message: string) => void,
): Promise<RunConfig<Resolved<T>> | undefined> {
  const stored = await readRunConfig(folder.config, kind);
  // A run that never got to a checkpoint is not worth protecting.
  const begun = stored !== undefined && (await readdir(folder.checkpoints)).length > 0;
  if (!resume && !begun) return undefined;
  if (!resume) {
    throw new DeepcodeError(
      'ERR_CONFIG',
      `${folder.path} holds a run already. Continue it with --resume, or choose another --out.`,
    );
  }
  if (!stored && resume) log('There is no run to resume yet: starting it.');
  return stored;
}

interface RunIdentity extends Arithmetic {
  options: Readonly<Record<string, unknown>>;
  data: TrainingData;
  baseDigest: string;
}

/**
 * Writes config.json, or checks that a resumed run is the one that it describes.
 *
 * @throws DeepcodeError ERR_CONFIG
 */
export async function writeConfig(
  folder: RunFolder,
  kind: RunKind<OptionTable>['name'],
  { options, device, dtype, data, baseDigest }: RunIdentity,
  stored: RunConfig | undefined,
  log: (message: string) => void,
): Promise<RunConfig> {
  const { threads, torch } = runtimeInfo();
  const config: RunConfig = {
    options,
    device,
    dtype,
    threads,
    dataDigest: digestOf(data),
    baseDigest,
    producer: `${producer()}, libtorch ${torch}`,
  };
  if (stored) {
    checkSameRun(stored, config);
    if (stored.threads !== threads)
      log(`The run was started with ${stored.threads} threads; with ${threads} the last digits may differ.`);
  }
  await writeAtomicFile(folder.config, formatRunConfig(kind, stored ? { ...stored, options } : config));
  return config;
}

/** With the number of its group on every image, where the loss needs it. */
async function openData(
  options: ResolvedTrainOptions,
  log: (message: string) => void,
  signal?: AbortSignal,
): Promise<TrainingData> {
  const data = await openTrainingData(options, log, signal);
  if (options.fairness === 'none') return data;
  return withGroups(data, options.fairnessGroups, log).data;
}

/**
 * @param given with full paths
 * @throws TypeError, RangeError; DeepcodeError ERR_CONFIG, ERR_DATASET, ERR_IO, ERR_DTYPE
 */
export async function setUpRun(
  given: TrainOptions & RuntimeOptions,
  folder: RunFolder,
  log: (message: string) => void,
  signal?: AbortSignal,
): Promise<RunSetup> {
  const stored = await storedConfig(folder, VIT_RUN, given.resume === true, log);
  const options = stored ? resumedOptions(VIT_RUN, stored.options, given) : resolveOptions(TRAIN_OPTIONS, given);
  checkTrainOptions(options);
  const { device, dtype } = resolveArithmetic(given, stored);
  const base = await openBaseModel(options.model!, options, signal);
  const data = await openData(options, log, signal);
  const identity = { options, device, dtype, data, baseDigest: base.digest };
  const config = await writeConfig(folder, VIT_RUN.name, identity, stored, log);
  const baseName = nameOfBase(options, base, folder);
  return { options, device, dtype, base, baseName, preprocessing: trainingPreprocessing(base), data, config };
}
