/** Training of a detector, from options to a finished run folder. */
import { resolve } from 'node:path';
import { augmentationPolicy } from '../../data/augmentation.js';
import { ImageLoader } from '../../data/loader.js';
import { resolveOptions } from '../../options.js';
import { trainingCurves } from '../../plots/training-curves.js';
import { checkRuntimeOptions, type RuntimeOptions } from '../../runtime.js';
import { writeAtomicFile } from '../../weights/atomic-folder.js';
import { BadImages } from './bad-images.js';
import type { BatchItem, BatchSource } from './batch-source.js';
import { CheckpointStore } from './checkpoint-store.js';
import type { TrainingSample } from './data.js';
import type { DetectorContext } from './describe-detector.js';
import { finishRun, type ExportedState } from './finish-run.js';
import { MetricsLog, type EpochLine } from './metrics-log.js';
import { describeTrainer, openTrainer } from './open-trainer.js';
import { TRAIN_OPTIONS, type TrainOptions } from './options.js';
import { TrainingPlan } from './plan.js';
import type { TrainProgress } from './progress.js';
import { makeReport, type TrainReport } from './report.js';
import { lockRun, RunFolder } from './run-folder.js';
import { INITIAL_STATE, type RunState } from './run-state.js';
import { checkTrainOptions, setUpRun, withFullPaths, type RunSetup } from './setup.js';
import type { Trainer } from './trainer.js';
import { TrainingRun } from './training-run.js';
import { scoreSamples, type ScoredSamples } from './validation.js';

/** The best state while it is still in memory. */
export interface BestState extends ExportedState {
  /** Logits and features of further images; unreadable ones are left out. */
  score(samples: readonly TrainingSample[]): Promise<ScoredSamples>;
}

export interface TrainHooks {
  /** Stops after the current step, with a checkpoint. */
  signal?: AbortSignal | undefined;
  /** After each step, and when validation begins. */
  onProgress?: ((progress: TrainProgress) => void) | undefined;
  /** One line for a person: what is trained, which images are skipped, how an epoch went. */
  onLog?: ((message: string) => void) | undefined;
  /** Called once with the best state before the network is disposed of. */
  onBest?: ((best: BestState) => Promise<void>) | undefined;
}

/** Terms that were not stated are named as such: weights inherit what their data allows. */
function weightsTerms({ options, data }: RunSetup): string {
  if (options.weightsTerms !== undefined) return options.weightsTerms;
  const names = data.sets.map(({ name }) => name).join(', ');
  return `Not stated. Trained on ${names}; check the terms of these data sets and of the base model before use.`;
}

function detectorContext(setup: RunSetup, trainer: Trainer, plan: TrainingPlan): DetectorContext {
  const { options, preprocessing, data, base, baseName } = setup;
  return {
    options,
    preprocessing,
    base: baseName,
    data: data.sets,
    weightsTerms: weightsTerms(setup),
    baseDigest: base.digest,
    trainedParameters: trainer.parameterCount.trained,
    trainImages: plan.drawn.length,
  };
}

/** Inverse to a class's share, so that both weigh the same; 1 for equal classes. */
function classWeights(setup: RunSetup, drawn: readonly TrainingSample[]): [number, number] {
  if (setup.options.balance !== 'loss') return [1, 1];
  const fake = drawn.filter(({ label }) => label === 1).length;
  return [drawn.length / (2 * (drawn.length - fake)), drawn.length / (2 * fake)];
}

function makeSource({ options, preprocessing }: RunSetup): BatchSource {
  const { cacheMegabytes, augment } = options;
  const loader = new ImageLoader<BatchItem>({
    preprocessing,
    augmentation: augmentationPolicy(augment),
    cacheMegabytes,
  });
  return (batches, signal) => loader.batches(batches, signal);
}

function writeCurves(path: string, lines: readonly EpochLine[], bestEpoch?: number): Promise<void> {
  const epochs = lines.map((line) => ({
    epoch: line.epoch,
    trainLoss: line.train_loss,
    trainAccuracy: line.train_accuracy,
    valLoss: line.val_loss,
    valAccuracy: line.val_accuracy,
  }));
  return writeAtomicFile(path, trainingCurves(epochs, bestEpoch === undefined ? {} : { bestEpoch }));
}

function epochText(line: EpochLine, epochs: number): string {
  const auc = line.val_auc === null ? '' : `, AUC ${line.val_auc.toFixed(3)}`;
  const accuracy = `accuracy ${(100 * line.val_accuracy).toFixed(1)} %`;
  const validation = `validation loss ${line.val_loss.toFixed(4)}, ${accuracy}${auc}`;
  return `Epoch ${line.epoch}/${epochs}: loss ${line.train_loss.toFixed(4)}, ${validation} (${line.seconds} s)`;
}

/** A run whose folder is locked and whose options are settled. */
class Session {
  readonly #started = performance.now();
  readonly #log: (message: string) => void;
  readonly #checkpoints: CheckpointStore;
  readonly #plan: TrainingPlan;
  readonly #source: BatchSource;

  constructor(
    private readonly folder: RunFolder,
    private readonly setup: RunSetup,
    private readonly hooks: TrainHooks,
  ) {
    this.#log = hooks.onLog ?? (() => {});
    this.#checkpoints = new CheckpointStore(folder.checkpoints);
    this.#plan = new TrainingPlan(setup.data.pool, setup.options);
    this.#source = makeSource(setup);
  }

  async run(): Promise<TrainReport> {
    const { setup } = this;
    const trainer = await openTrainer(
      { ...setup, classWeights: classWeights(setup, this.#plan.drawn) },
      this.hooks.signal,
    );
    try {
      this.#log(describeTrainer(trainer, setup));
      this.#logBalance();
      const state = await this.#restore(trainer);
      const badImages = new BadImages(state.badImages, setup.options.maxBadImages, this.#log);
      return await this.#finish(trainer, await this.#train(trainer, state, badImages), badImages);
    } finally {
      trainer.dispose();
    }
  }

  #logBalance(): void {
    const { drawn, imagesPerEpoch } = this.#plan;
    const repeats = imagesPerEpoch - drawn.length;
    if (repeats > 0)
      this.#log(
        `The classes are not equal: ${repeats} images of the smaller one are repeated in every epoch.`,
      );
  }

  async #restore(trainer: Trainer): Promise<RunState> {
    const checkpoint = await this.#checkpoints.latest(this.#log);
    if (!checkpoint) return INITIAL_STATE;
    await trainer.restoreState(checkpoint.tensors);
    this.#log(`Continuing after step ${checkpoint.state.step} of ${this.#plan.steps}.`);
    return checkpoint.state;
  }

  async #train(trainer: Trainer, state: RunState, badImages: BadImages): Promise<RunState> {
    const { options, data } = this.setup;
    const log = await MetricsLog.open(this.folder.metrics, state);
    const run = new TrainingRun(
      {
        options,
        plan: this.#plan,
        validation: data.validation,
        trainer,
        source: this.#source,
        badImages,
        log,
        checkpoints: this.#checkpoints,
        onProgress: this.hooks.onProgress ?? (() => {}),
        onEpoch: async () => {
          this.#log(epochText(log.epochs.at(-1)!, options.epochs));
          await writeCurves(this.folder.curves, log.epochs);
        },
      },
      state,
      state !== INITIAL_STATE,
    );
    try {
      await run.run(this.hooks.signal);
      await writeCurves(this.folder.curves, log.epochs, run.state.best?.epoch);
      return run.state;
    } finally {
      await log.close();
    }
  }

  async #finish(trainer: Trainer, state: RunState, badImages: BadImages): Promise<TrainReport> {
    const { setup, hooks, folder } = this;
    const parts = {
      trainer,
      badImages,
      folder,
      source: this.#source,
      batchSize: setup.options.batchSize,
      checkpoints: this.#checkpoints,
      validation: setup.data.validation,
      context: detectorContext(setup, trainer, this.#plan),
    };
    const exported = await finishRun(state, parts, hooks.signal);
    this.#log(
      `Best epoch: ${exported.best.epoch} (smallest validation loss). Exported to ${exported.best.path}.`,
    );
    await hooks.onBest?.({
      ...exported.best,
      score: (samples) => scoreSamples(samples, parts, hooks.signal),
    });
    return makeReport(exported, state, {
      folder: folder.path,
      parameters: trainer.parameterCount,
      images: { train: this.#plan.drawn.length, validation: setup.data.validation.length },
      badImages: badImages.names,
      seconds: (performance.now() - this.#started) / 1000,
    });
  }
}

async function runTraining(given: TrainOptions & RuntimeOptions, hooks: TrainHooks): Promise<TrainReport> {
  const folder = new RunFolder(resolve(given.out ?? TRAIN_OPTIONS.out.default));
  const unlock = await lockRun(folder);
  try {
    const setup = await setUpRun(given, folder, hooks.onLog ?? (() => {}), hooks.signal);
    return await new Session(folder, setup, hooks).run();
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
  if (!resolved.resume) checkTrainOptions(resolved);
  return runTraining(withFullPaths(options), hooks);
}
