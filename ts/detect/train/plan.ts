/** The shape of a run: how many steps an epoch has, what each step takes, and its learning rate. */
import type { BatchItem } from './batch-source.js';
import type { StepPlan } from './job.js';
import type { TrainingSample } from './data.js';
import type { ResolvedTrainOptions } from './options.js';
import { chunks, drawSamples, epochLength, epochOrder, pseudoFakePlaces } from './sampling.js';
import { learningRateAt, type ScheduleOptions } from './schedule.js';
import { deriveSeed } from './seeds.js';

export class TrainingPlan implements StepPlan {
  readonly stepsPerEpoch: number;
  readonly imagesPerEpoch: number;
  readonly steps: number;
  readonly #schedule: ScheduleOptions;
  readonly #drawn: readonly TrainingSample[];

  /** @param pool every image that training may draw */
  constructor(
    private readonly pool: readonly TrainingSample[],
    private readonly options: ResolvedTrainOptions,
  ) {
    const { epochs, warmupSteps, warmupEpochs } = options;
    this.#drawn = this.#draw(0);
    this.imagesPerEpoch = epochLength(this.#drawn, options.balance === 'sample', options.pseudoFakes);
    this.stepsPerEpoch = Math.ceil(this.imagesPerEpoch / this.#imagesPerStep);
    this.steps = epochs * this.stepsPerEpoch;
    const warmup = warmupSteps + warmupEpochs * this.stepsPerEpoch;
    const stepSize = options.stepEpochs * this.stepsPerEpoch;
    this.#schedule = { ...options, warmupSteps: warmup, totalSteps: this.steps, stepSize };
  }

  /** The images of the first epoch, and of every epoch unless --redraw. */
  get drawn(): readonly TrainingSample[] {
    return this.#drawn;
  }

  learningRate(step: number): number {
    return learningRateAt(step, this.#schedule);
  }

  /** The steps of an epoch (1 for the first): each a list of batches. */
  epochSteps(epoch: number): BatchItem[][][] {
    const { seed, shuffle, balance, redraw, batchSize, pseudoFakes } = this.options;
    const drawn = redraw && epoch > 1 ? this.#draw(epoch) : this.#drawn;
    const order = epochOrder(drawn, { seed, epoch, shuffle, repeatSmaller: balance === 'sample', pseudoFakes });
    const shownFake = pseudoFakePlaces(order, pseudoFakes, { seed, epoch });
    const items = order.map<BatchItem>(({ path, name, label, group }, position) => ({
      path,
      name,
      group,
      label: shownFake.has(position) ? 1 : label,
      augmentSeed: deriveSeed(seed, 'augment', epoch, position),
      pseudoFakeSeed: shownFake.has(position) ? deriveSeed(seed, 'pseudo-fake', epoch, position) : null,
    }));
    return chunks(items, this.#imagesPerStep).map((step) => chunks(step, batchSize));
  }

  get #imagesPerStep(): number {
    return this.options.batchSize * this.options.accumulate;
  }

  #draw(epoch: number): TrainingSample[] {
    const { seed, trainSamples: count, balance, pseudoFakes } = this.options;
    return drawSamples(this.pool, {
      seed: epoch === 0 ? seed : deriveSeed(seed, 'redraw', epoch),
      count,
      balanced: balance === 'sample',
      pseudoFakes,
    });
  }
}
