/** Batches of real/fake pairs: the shape of a run of the disentangled detector. */
import type { BatchItem } from '../../detect/train/batch-source.js';
import type { TrainingSample } from '../../detect/train/data.js';
import type { StepPlan } from '../../detect/train/job.js';
import { chunks, drawSamples } from '../../detect/train/sampling.js';
import { learningRateAt, type ScheduleOptions } from '../../detect/train/schedule.js';
import { deriveSeed, randomFor, shuffled } from '../../detect/train/seeds.js';
import type { ResolvedFairTrainOptions } from './options.js';

type PlanOptions = Pick<
  ResolvedFairTrainOptions,
  | 'seed'
  | 'trainSamples'
  | 'pairs'
  | 'accumulate'
  | 'epochs'
  | 'warmupSteps'
  | 'warmupEpochs'
  | 'stepEpochs'
  | 'stepGamma'
  | 'schedule'
  | 'learningRate'
  | 'minLearningRate'
>;

/** `count` of them in random order, each as often as any other, give or take one. */
function inTurn(samples: readonly TrainingSample[], count: number, seed: number): TrainingSample[] {
  const rounds = Math.ceil(count / samples.length);
  const order = Array.from({ length: rounds }, (_, i) => shuffled(samples, randomFor(seed, 'round', i)));
  return order.flat().slice(0, count);
}

/**
 * Each epoch shows every image at least once: the images of the larger class, each with one of the smaller. The
 * reference draws a real image at random for every fake one instead, whatever the classes' sizes are.
 */
export class PairPlan implements StepPlan {
  readonly drawn: readonly TrainingSample[];
  readonly imagesPerEpoch: number;
  readonly stepsPerEpoch: number;
  readonly steps: number;
  readonly #pairs: number;
  readonly #schedule: ScheduleOptions;

  /** @param pool with both classes */
  constructor(
    pool: readonly TrainingSample[],
    private readonly options: PlanOptions,
  ) {
    const { seed, trainSamples: count, pairs, accumulate, epochs, warmupSteps, warmupEpochs } = options;
    this.drawn = drawSamples(pool, { seed, count, balanced: true });
    const fakes = this.#ofClass(1).length;
    this.#pairs = Math.max(fakes, this.drawn.length - fakes);
    this.imagesPerEpoch = 2 * this.#pairs;
    this.stepsPerEpoch = Math.ceil(this.#pairs / (pairs * accumulate));
    this.steps = epochs * this.stepsPerEpoch;
    this.#schedule = {
      ...options,
      warmupSteps: warmupSteps + warmupEpochs * this.stepsPerEpoch,
      totalSteps: this.steps,
      stepSize: options.stepEpochs * this.stepsPerEpoch,
    };
  }

  learningRate(step: number): number {
    return learningRateAt(step, this.#schedule);
  }

  epochSteps(epoch: number): BatchItem[][][] {
    const { pairs, accumulate } = this.options;
    const batches = chunks(this.#pairsOf(epoch), pairs).map((batch) => batch.flat());
    return chunks(batches, accumulate);
  }

  #ofClass(label: 0 | 1): TrainingSample[] {
    return this.drawn.filter((sample) => sample.label === label);
  }

  #pairsOf(epoch: number): [real: BatchItem, fake: BatchItem][] {
    const { seed } = this.options;
    const take = (label: 0 | 1): TrainingSample[] =>
      inTurn(this.#ofClass(label), this.#pairs, deriveSeed(seed, 'pairs', epoch, label));
    const [reals, fakes] = [take(0), take(1)];
    const toItem = ({ path, name, label, group, method }: TrainingSample, pair: number): BatchItem => ({
      path,
      name,
      label,
      group,
      method,
      pair,
      augmentSeed: deriveSeed(seed, 'augment', epoch, 2 * pair + label),
    });
    return reals.map((real, pair) => [toItem(real, pair), toItem(fakes[pair]!, pair)]);
  }
}
