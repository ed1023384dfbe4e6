/** The training loop: steps, validation after each epoch, checkpoints, and a clean stop on request. */
import { throwIfAborted } from '../../abortable.js';
import { DeepcodeError, isAbort } from '../../errors.js';
import type { BadImages } from './bad-images.js';
import type { BatchItem, BatchSource, LoadedBatch } from './batch-source.js';
import { epochCheckpointName, stepCheckpointName, type CheckpointStore } from './checkpoint-store.js';
import type { TrainingSample } from './data.js';
import type { MetricsLog } from './metrics-log.js';
import type { RunSettings, StepPlan } from './job.js';
import { SpeedMeter, type TrainProgress } from './progress.js';
import { NO_SUMS, type RunState } from './run-state.js';
import type { StepLosses, Trainer } from './trainer.js';
import { validate } from './validation.js';

export interface RunParts {
  options: Omit<RunSettings, 'maxBadImages'>;
  plan: StepPlan;
  validation: readonly TrainingSample[];
  trainer: Trainer;
  source: BatchSource;
  badImages: BadImages;
  log: MetricsLog;
  checkpoints: CheckpointStore;
  onProgress: (progress: TrainProgress) => void;
  /** After each epoch's line is in the log. */
  onEpoch: () => Promise<void>;
}

interface LoadedStep {
  batches: LoadedBatch[];
  images: number;
}

/** Puts the batches of each step together again. */
async function* loadSteps(
  steps: readonly (readonly BatchItem[][])[],
  source: BatchSource,
): AsyncGenerator<LoadedStep> {
  let batches: LoadedBatch[] = [];
  let next = 0;
  for await (const batch of source(steps.flat())) {
    batches.push(batch);
    if (batches.length < steps[next]!.length) continue;
    yield { batches, images: batches.reduce((sum, { count }) => sum + count, 0) };
    batches = [];
    next++;
  }
}

export class TrainingRun {
  #state: RunState;
  /** The state that the newest checkpoint holds; undefined before the first. */
  #saved: RunState | undefined;
  #savedAt = performance.now();
  readonly #speed = new SpeedMeter();

  constructor(
    private readonly parts: RunParts,
    resumed: RunState,
    saved: boolean,
  ) {
    this.#state = resumed;
    this.#saved = saved ? resumed : undefined;
  }

  get state(): RunState {
    return this.#state;
  }

  /**
   * Trains to the last epoch.
   *
   * @throws AbortError after the current step, with a checkpoint of it; DeepcodeError ERR_NONFINITE,
   *   ERR_IMAGE, ERR_IO: the last checkpoint stays.
   */
  async run(signal?: AbortSignal): Promise<void> {
    const { epochs } = this.parts.options;
    try {
      while (this.#state.epochsDone < epochs) {
        await this.#trainEpoch(this.#state.epochsDone + 1, signal);
      }
    } catch (error) {
      if (isAbort(error)) await this.#saveStep();
      throw error;
    }
  }

  async #trainEpoch(epoch: number, signal?: AbortSignal): Promise<void> {
    const started = performance.now();
    const { plan, source } = this.parts;
    const steps = plan.epochSteps(epoch).slice(this.#state.stepsInEpoch);
    this.#speed.restart();
    throwIfAborted(signal);
    for await (const step of loadSteps(steps, source)) {
      await this.#trainStep(epoch, step);
      throwIfAborted(signal);
      if (this.#checkpointIsDue()) await this.#saveStep();
    }
    await this.#finishEpoch(epoch, started, signal);
  }

  async #trainStep(epoch: number, { batches, images }: LoadedStep): Promise<void> {
    const { badImages, plan, trainer, log, onProgress } = this.parts;
    for (const batch of batches) badImages.report(batch);
    const step = this.#state.step + 1;
    const lr = plan.learningRate(step);
    // A step without a single readable image changes nothing, but keeps its number.
    const losses =
      images === 0
        ? undefined
        : await this.#finite(`at step ${step}`, () =>
            trainer.step(
              batches.filter(({ count }) => count > 0),
              lr,
            ),
          );
    const rate = this.#speed.step(images);
    this.#advance(step, losses);
    if (losses) {
      const { loss, ce, parts, gradNorm: grad_norm } = losses;
      await log.append({
        step,
        epoch,
        loss,
        ce,
        ...parts,
        lr,
        grad_norm,
        images,
        images_per_s: Math.round(rate * 10) / 10,
      });
    }
    onProgress(this.#progress(epoch, 'train', losses?.loss ?? NaN));
  }

  /** Says of values that are not finite where they turned up, and what is kept. */
  async #finite<T>(where: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof DeepcodeError) || error.code !== 'ERR_NONFINITE') throw error;
      const kept = this.#saved
        ? `The checkpoint of step ${this.#saved.step} is kept`
        : 'There is no checkpoint yet';
      throw new DeepcodeError(
        'ERR_NONFINITE',
        `Training stopped ${where}: ${error.message} ${kept}. Try a lower --lr or --clip-grad-norm 1.`,
        { cause: error },
      );
    }
  }

  #advance(step: number, losses: StepLosses | undefined): void {
    const { sums, stepsInEpoch } = this.#state;
    this.#state = {
      ...this.#state,
      step,
      stepsInEpoch: stepsInEpoch + 1,
      sums: losses
        ? {
            loss: sums.loss + losses.loss * losses.images,
            ce: sums.ce + losses.ce * losses.images,
            correct: sums.correct + losses.correct,
            images: sums.images + losses.images,
          }
        : sums,
      badImages: this.parts.badImages.names,
    };
  }

  async #finishEpoch(epoch: number, started: number, signal?: AbortSignal): Promise<void> {
    const { options, log, onEpoch, onProgress, validation } = this.parts;
    const { step, sums } = this.#state;
    onProgress(this.#progress(epoch, 'validate', sums.loss / Math.max(1, sums.images)));
    const parts = { ...this.parts, batchSize: options.batchSize };
    const { loss, accuracy, auc } = await this.#finite(`in validation after step ${step}`, () =>
      validate(validation, parts, signal),
    );
    await log.append({
      epoch,
      step,
      train_loss: sums.loss / Math.max(1, sums.images),
      train_ce: sums.ce / Math.max(1, sums.images),
      train_accuracy: sums.correct / Math.max(1, sums.images),
      val_loss: loss,
      val_accuracy: accuracy,
      val_auc: auc,
      seconds: Math.round((performance.now() - started) / 100) / 10,
    });
    const { best } = this.#state;
    const improved = best === null || loss < best.loss;
    this.#state = {
      step,
      epochsDone: epoch,
      stepsInEpoch: 0,
      sums: NO_SUMS,
      best: improved ? { epoch, loss } : best,
      badImages: this.parts.badImages.names,
    };
    await this.#save(epochCheckpointName(epoch));
    await onEpoch();
  }

  #checkpointIsDue(): boolean {
    const { checkpointSteps, checkpointMinutes } = this.parts.options;
    // The end of an epoch has a checkpoint of its own.
    if (this.#state.stepsInEpoch === this.parts.plan.stepsPerEpoch) return false;
    if (checkpointSteps > 0 && this.#state.step % checkpointSteps === 0) return true;
    return checkpointMinutes > 0 && performance.now() - this.#savedAt >= checkpointMinutes * 60_000;
  }

  async #saveStep(): Promise<void> {
    if (this.#state.stepsInEpoch === 0 || this.#saved?.step === this.#state.step) return;
    await this.#save(stepCheckpointName(this.#state.step));
  }

  async #save(name: string): Promise<void> {
    const { log, checkpoints, trainer } = this.parts;
    await log.sync();
    await checkpoints.save(name, this.#state, (path) => trainer.saveState(path));
    this.#saved = this.#state;
    this.#savedAt = performance.now();
  }

  #progress(epoch: number, phase: TrainProgress['phase'], loss: number): TrainProgress {
    const { options, plan } = this.parts;
    const { step } = this.#state;
    const left = ((plan.steps - step) / plan.stepsPerEpoch) * plan.imagesPerEpoch;
    return {
      step,
      steps: plan.steps,
      epoch,
      epochs: options.epochs,
      phase,
      loss,
      imagesPerSecond: this.#speed.imagesPerSecond,
      secondsLeft: this.#speed.secondsFor(left),
    };
  }
}
