/** A run from its network to its report. */
import { DeepcodeError } from '../../errors.js';
import { BadImages } from './bad-images.js';
import { CheckpointStore, epochCheckpointName, type Checkpoint } from './checkpoint-store.js';
import { epochText, writeCurves } from './epoch-report.js';
import { finishRun } from './finish-run.js';
import type { TrainHooks } from './hooks.js';
import type { TrainingJob } from './job.js';
import { MetricsLog } from './metrics-log.js';
import { makeReport, type TrainReport } from './report.js';
import type { RunFolder } from './run-folder.js';
import { INITIAL_STATE, type RunState } from './run-state.js';
import type { Trainer } from './trainer.js';
import { TrainingRun } from './training-run.js';
import { scoreSamples } from './validation.js';

/** What stands between epochs that are done and the next one's end cannot be exported. */
function checkEpochs({ epochsDone, stepsInEpoch }: RunState, epochs: number): void {
  const begun = epochsDone + (stepsInEpoch > 0 ? 1 : 0);
  if (begun <= epochs) return;
  throw new DeepcodeError(
    'ERR_CONFIG',
    `The run is in epoch ${begun} already, so it cannot end after epoch ${epochs}. Resume with --epochs ${begun} or more.`,
  );
}

/** A run whose folder is locked and whose options are settled. */
export class TrainingSession {
  readonly #started = performance.now();
  readonly #log: (message: string) => void;
  readonly #checkpoints: CheckpointStore;

  constructor(
    private readonly folder: RunFolder,
    private readonly job: TrainingJob,
    private readonly hooks: TrainHooks,
  ) {
    this.#log = hooks.onLog ?? (() => {});
    this.#checkpoints = new CheckpointStore(folder.checkpoints);
  }

  async run(): Promise<TrainReport> {
    const { job } = this;
    const { trainer, description, prepare } = await job.open(this.hooks.signal);
    try {
      this.#log(description);
      this.#logBalance();
      const state = await this.#restore(trainer);
      const badImages = new BadImages(state.badImages, job.settings.maxBadImages, this.#log);
      if (state === INITIAL_STATE) await prepare?.(badImages);
      return await this.#finish(trainer, await this.#train(trainer, state, badImages), badImages);
    } finally {
      trainer.dispose();
    }
  }

  #logBalance(): void {
    const { drawn, imagesPerEpoch } = this.job.plan;
    const repeats = imagesPerEpoch - drawn.length;
    if (repeats > 0)
      this.#log(
        `The classes are not equal: ${repeats} images of the smaller one are repeated in every epoch.`,
      );
  }

  async #restore(trainer: Trainer): Promise<RunState> {
    const checkpoint = await this.#checkpoints.latest(this.#log);
    if (!checkpoint) return INITIAL_STATE;
    checkEpochs(checkpoint.state, this.job.settings.epochs);
    await trainer.restoreState(checkpoint.tensors);
    this.#log(`Continuing after step ${checkpoint.state.step} of ${this.job.plan.steps}.`);
    return this.#withIntactBest(checkpoint);
  }

  /** Without the best epoch so far where its checkpoint does not open: it could not be exported. */
  async #withIntactBest({ name, state }: Checkpoint): Promise<RunState> {
    if (state.best === null) return state;
    const best = epochCheckpointName(state.best.epoch);
    if (best === name || (await this.#checkpoints.has(best))) return state;
    const instead = state.epochsDone < this.job.settings.epochs ? 'the best of the epochs to come' : 'the last epoch';
    this.#log(`Checkpoint ${best} of the best epoch is missing or damaged: ${instead} counts as the best.`);
    return { ...state, best: null };
  }

  async #train(trainer: Trainer, state: RunState, badImages: BadImages): Promise<RunState> {
    const { settings, plan, source, validation } = this.job;
    const log = await MetricsLog.open(this.folder.metrics, state);
    const run = new TrainingRun(
      {
        options: settings,
        plan,
        validation,
        trainer,
        source,
        badImages,
        log,
        checkpoints: this.#checkpoints,
        onProgress: this.hooks.onProgress ?? (() => {}),
        onEpoch: async () => {
          this.#log(epochText(log.epochs.at(-1)!, settings.epochs));
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
    const { job, hooks, folder } = this;
    const { source, validation, kind, plan } = job;
    const parts = {
      trainer,
      badImages,
      folder,
      source,
      kind,
      validation,
      batchSize: job.settings.batchSize,
      checkpoints: this.#checkpoints,
      context: job.context(trainer),
    };
    const exported = await finishRun(state, parts, hooks.signal);
    this.#log(
      `Best epoch: ${exported.best.epoch} (${state.best ? 'smallest validation loss' : 'the last one'}). Exported to ${exported.best.path}.`,
    );
    await hooks.onBest?.({
      ...exported.best,
      score: (samples) => scoreSamples(samples, parts, hooks.signal),
    });
    return makeReport(exported, state, {
      folder: folder.path,
      parameters: trainer.parameterCount,
      images: { train: plan.drawn.length, validation: validation.length },
      badImages: badImages.names,
      seconds: (performance.now() - this.#started) / 1000,
    });
  }
}
