/** A run from its network to its report. */
import { augmentationPolicy } from '../../data/augmentation.js';
import { ImageLoader } from '../../data/loader.js';
import { parsePseudoFakeKinds } from '../../data/pseudo-fakes.js';
import { BadImages } from './bad-images.js';
import type { BatchItem, BatchSource } from './batch-source.js';
import { CheckpointStore } from './checkpoint-store.js';
import type { TrainingSample } from './data.js';
import type { DetectorContext } from './describe-detector.js';
import { epochText, writeCurves } from './epoch-report.js';
import { finishRun } from './finish-run.js';
import type { TrainHooks } from './hooks.js';
import { MetricsLog } from './metrics-log.js';
import { describeTrainer, openTrainer } from './open-trainer.js';
import { TrainingPlan } from './plan.js';
import { makeReport, type TrainReport } from './report.js';
import type { RunFolder } from './run-folder.js';
import { INITIAL_STATE, type RunState } from './run-state.js';
import type { RunSetup } from './setup.js';
import type { Trainer } from './trainer.js';
import { TrainingRun } from './training-run.js';
import { scoreSamples } from './validation.js';

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
  const { pseudoFakes } = setup.options;
  const fake = drawn.reduce((sum, { label }) => sum + (label === 1 ? 1 : pseudoFakes), 0);
  return [drawn.length / (2 * (drawn.length - fake)), drawn.length / (2 * fake)];
}

function makeSource({ options, preprocessing }: RunSetup): BatchSource {
  const { cacheMegabytes, augment, pseudoFakeKinds } = options;
  const loader = new ImageLoader<BatchItem>({
    preprocessing,
    augmentation: augmentationPolicy(augment),
    pseudoFakeKinds: parsePseudoFakeKinds(pseudoFakeKinds),
    cacheMegabytes,
  });
  return (batches, signal) => loader.batches(batches, signal);
}

/** Their patches are more than enough for a covariance. */
const WHITENED_IMAGES = 256;

/** A run whose folder is locked and whose options are settled. */
export class TrainingSession {
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
      if (state === INITIAL_STATE && setup.options.init === 'whitened') await this.#whiten(trainer, badImages);
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

  /** From images as they are, without augmentation, that are spread over the drawn ones. */
  async #whiten(trainer: Trainer, badImages: BadImages): Promise<void> {
    const { drawn } = this.#plan;
    const every = Math.max(1, Math.floor(drawn.length / WHITENED_IMAGES));
    const items = drawn
      .filter((_, i) => i % every === 0)
      .slice(0, WHITENED_IMAGES)
      .map((sample) => ({ ...sample, augmentSeed: null }));
    for await (const batch of this.#source([items], this.hooks.signal)) {
      badImages.report(batch);
      if (batch.count > 0) await trainer.whitenPatches(batch.images, batch.count);
    }
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
