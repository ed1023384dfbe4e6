import assert from 'node:assert/strict';
import type { TrainingSample } from '../../../ts/detect/train/data.js';
import { TRAIN_OPTIONS, type TrainOptions } from '../../../ts/detect/train/options.js';
import { TrainingPlan } from '../../../ts/detect/train/plan.js';
import { resolveOptions } from '../../../ts/options.js';

const POOL: TrainingSample[] = Array.from({ length: 60 }, (_, i) => ({
  path: `/${i}`,
  name: `${i}`,
  label: i % 2 === 0 ? 0 : 1,
  weight: 1,
}));

function plan(options: TrainOptions = {}): TrainingPlan {
  const small = { trainSamples: 20, batchSize: 3, epochs: 4, seed: 5 };
  return new TrainingPlan(POOL, resolveOptions(TRAIN_OPTIONS, { ...small, ...options }));
}

const namesOf = (from: TrainingPlan, epoch: number): string[] =>
  from
    .epochSteps(epoch)
    .flat(2)
    .map(({ name }) => name);

describe('TrainingPlan', () => {
  it('counts steps, the last one of an epoch shorter', () => {
    const { stepsPerEpoch, steps, imagesPerEpoch } = plan();
    assert.deepEqual([stepsPerEpoch, steps, imagesPerEpoch], [7, 28, 20]);
    assert.deepEqual(
      plan()
        .epochSteps(1)
        .map((step) => step.map((batch) => batch.length)),
      [[3], [3], [3], [3], [3], [3], [2]],
    );
  });

  it('makes a step of several batches when accumulating', () => {
    const sizes = plan({ accumulate: 3 })
      .epochSteps(1)
      .map((step) => step.map((batch) => batch.length));
    assert.deepEqual(sizes, [[3, 3, 3], [3, 3, 3], [2]]);
  });

  it('takes the same images in every epoch, in another order', () => {
    assert.notDeepEqual(namesOf(plan(), 1), namesOf(plan(), 2));
    assert.deepEqual(namesOf(plan(), 1).sort(), namesOf(plan(), 2).sort());
  });

  it('takes other images in every epoch with redraw, and as many', () => {
    const redrawn = plan({ redraw: true });
    assert.deepEqual(namesOf(redrawn, 1), namesOf(plan(), 1));
    assert.notDeepEqual(namesOf(redrawn, 2).sort(), namesOf(redrawn, 3).sort());
    assert.equal(namesOf(redrawn, 3).length, 20);
  });

  it('needs nothing of earlier epochs for a later one', () => {
    const fresh = plan();
    const used = plan();
    used.epochSteps(1);
    assert.deepEqual(fresh.epochSteps(3), used.epochSteps(3));
  });

  it('augments an image differently in every epoch and place', () => {
    const seeds = [1, 2, 3].flatMap((epoch) =>
      plan()
        .epochSteps(epoch)
        .flat(2)
        .map(({ augmentSeed }) => augmentSeed),
    );
    assert.equal(new Set(seeds).size, 60);
  });

  it('warms up over epochs and steps together', () => {
    const warm = plan({ warmupEpochs: 1, warmupSteps: 3, learningRate: 1 });
    assert.deepEqual([warm.learningRate(1), warm.learningRate(10), warm.learningRate(11)], [0.1, 1, 1]);
  });
});
