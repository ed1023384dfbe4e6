import assert from 'node:assert/strict';
import type { BatchItem, LoadedBatch } from '../../../ts/detect/train/batch-source.js';
import type { TrainingSample } from '../../../ts/detect/train/data.js';
import { withMethods } from '../../../ts/fairness/train/number-methods.js';
import { FAIR_TRAIN_OPTIONS, type FairTrainOptions } from '../../../ts/fairness/train/options.js';
import { pairedBatch } from '../../../ts/fairness/train/pair-batch.js';
import { PairPlan } from '../../../ts/fairness/train/pair-plan.js';
import { resolveOptions } from '../../../ts/options.js';

function samples(real: number, fake: number): TrainingSample[] {
  return Array.from({ length: real + fake }, (_, i) => {
    const label = i < real ? 0 : 1;
    return { path: `/${i}`, name: `${i}`, label, weight: 1, group: i % 3, method: label };
  });
}

const planOf = (pool: TrainingSample[], options: FairTrainOptions = {}): PairPlan =>
  new PairPlan(pool, resolveOptions(FAIR_TRAIN_OPTIONS, { pairs: 4, epochs: 3, seed: 1, ...options }));

const countOf = (items: readonly BatchItem[], name: string): number => items.filter((item) => item.name === name).length;

describe('PairPlan', () => {
  it('gives batches of as many reals as fakes, each pair of one number', () => {
    const plan = planOf(samples(6, 10));
    assert.deepEqual([plan.imagesPerEpoch, plan.stepsPerEpoch, plan.steps], [20, 3, 9]);
    const steps = plan.epochSteps(1);
    assert.deepEqual(steps.map((step) => step.map((batch) => batch.length)), [[8], [8], [4]]);
    for (const batch of steps.flat()) {
      const pairs = new Map<number, number[]>();
      for (const { pair, label } of batch) pairs.set(pair!, [...(pairs.get(pair!) ?? []), label]);
      assert.ok([...pairs.values()].every((labels) => labels.join() === '0,1'));
    }
  });

  it('shows the larger class once and the smaller one in turn', () => {
    const items = planOf(samples(6, 10)).epochSteps(2).flat(2);
    for (let i = 6; i < 16; i++) assert.equal(countOf(items, `${i}`), 1);
    for (let i = 0; i < 6; i++) assert.ok([1, 2].includes(countOf(items, `${i}`)), `image ${i}`);
  });

  it('is a function of seed and epoch', () => {
    const names = (seed: number, epoch: number): string =>
      planOf(samples(5, 5), { seed }).epochSteps(epoch).flat(2).map(({ name, augmentSeed }) => `${name}:${augmentSeed}`).join();
    assert.equal(names(1, 2), names(1, 2));
    assert.notEqual(names(1, 2), names(1, 1));
    assert.notEqual(names(1, 2), names(2, 2));
  });

  it('puts several batches into a step when accumulating', () => {
    const steps = planOf(samples(9, 9), { accumulate: 2 }).epochSteps(1);
    assert.deepEqual(steps.map((step) => step.map((batch) => batch.length)), [[8, 8], [2]]);
  });

  it("falls by StepLR's epochs", () => {
    const plan = planOf(samples(8, 8), { learningRate: 1, stepEpochs: 2, stepGamma: 0.1 });
    const rates = [1, 2, 3, 4, 5, 6].map((step) => plan.learningRate(step));
    assert.deepEqual(rates, [1, 1, 1, 1, 0.1, 0.1]);
  });
});

describe('pairedBatch', () => {
  const itemOf = (pair: number, label: 0 | 1): BatchItem => ({
    path: '',
    name: '',
    label,
    pair,
    group: 10 * pair + label,
    method: label * (pair + 1),
    augmentSeed: null,
  });
  const batchOf = (items: BatchItem[]): LoadedBatch => ({
    items,
    images: Uint8Array.from(items.flatMap(({ group }) => [group!, group! + 100])),
    labels: Uint8Array.from(items, ({ label }) => label),
    count: items.length,
    failures: [],
  });

  it('puts the reals first and their fakes in the same order', () => {
    const paired = pairedBatch(batchOf([itemOf(0, 0), itemOf(0, 1), itemOf(1, 1), itemOf(1, 0)]))!;
    assert.deepEqual([...paired.groups], [0, 10, 1, 11]);
    assert.deepEqual([...paired.methods], [0, 0, 1, 2]);
    assert.deepEqual([...paired.labels], [0, 0, 1, 1]);
    assert.deepEqual([...paired.images], [0, 100, 10, 110, 1, 101, 11, 111]);
  });

  it('leaves out a pair of which one image could not be read', () => {
    const paired = pairedBatch(batchOf([itemOf(0, 0), itemOf(1, 1), itemOf(1, 0)]))!;
    assert.deepEqual([...paired.groups], [10, 11]);
    assert.equal(pairedBatch(batchOf([itemOf(0, 0), itemOf(1, 1)])), undefined);
  });
});

describe('withMethods', () => {
  const fakeBy = (forgeryMethod: string): TrainingSample => ({ path: '', name: '', label: 1, weight: 1, forgeryMethod });

  it('numbers the sources of the fakes, as numbers where they are', () => {
    const pool = [...samples(1, 0), ...['10', '2', 'StyleGAN', '2'].map(fakeBy)];
    const { data, methods } = withMethods({ pool, validation: [], sets: [] });
    assert.deepEqual(methods, ['2', '10', 'StyleGAN']);
    assert.deepEqual(data.pool.map(({ method }) => method), [0, 2, 1, 3, 1]);
  });

  it('counts those that are learned from alone', () => {
    const { methods } = withMethods({ pool: [fakeBy('stylegan')], validation: [fakeBy('flux')], sets: [] });
    assert.deepEqual(methods, ['stylegan']);
  });

  it('refuses more than a byte can count', () => {
    const pool = Array.from({ length: 256 }, (_, i) => fakeBy(`source ${i}`));
    assert.throws(() => withMethods({ pool, validation: [], sets: [] }), { code: 'ERR_DATASET', message: /256 sources/ });
  });
});
