import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TrainingSample } from '../../../ts/detect/train/data.js';
import { mixData, parseWeights, type OpenedSet } from '../../../ts/detect/train/data-mix.js';
import { openTestSet, openTestSplits, openTrainingData } from '../../../ts/detect/train/open-data.js';
import { writeImages, writeSyntheticSet } from '../../support/synthetic-set.js';

const samples = (set: string, real: number, fake: number): TrainingSample[] =>
  Array.from({ length: real + fake }, (_, i) => ({
    path: `/${set}/${i}`,
    name: `${set}/${i}`,
    label: i < real ? 0 : 1,
    weight: 1,
  }));
const split = (name: string, train: TrainingSample[]): OpenedSet => ({
  name,
  train,
  validation: samples(`${name}-v`, 5, 5),
});
const OPTIONS = { seed: 1, trainSamples: 10, valSamples: 6, pseudoFakes: 0 };

describe('mixData', () => {
  it('draws the validation images half and half, the same for the same seed', () => {
    const draw = (): string[] =>
      mixData([split('a', samples('a', 9, 9))], OPTIONS, () => {}).validation.map(({ name }) => name);
    assert.equal(draw().length, 6);
    assert.deepEqual(draw(), draw());
  });

  it('holds out a tenth of a set without validation images, and trains on the rest', () => {
    const whole = samples('a', 30, 30);
    const { pool, validation } = mixData(
      [{ name: 'a', train: whole, validation: null }],
      { ...OPTIONS, valSamples: 300 },
      () => {},
    );
    assert.deepEqual([pool.length, validation.length], [54, 6]);
    assert.deepEqual(
      [...pool, ...validation].map(({ name }) => name).sort(),
      whole.map(({ name }) => name).sort(),
    );
  });

  it('says when there are fewer images than asked for', () => {
    const logged: string[] = [];
    mixData([split('a', samples('a', 3, 3))], { ...OPTIONS, trainSamples: 100, valSamples: 100 }, (line) =>
      logged.push(line),
    );
    assert.deepEqual(logged, [
      '100 training images were asked for; all 6 there are used.',
      '100 validation images were asked for; all 10 there are used.',
    ]);
  });

  for (const [found, real, fake] of [
    ['real images only', 4, 0],
    ['fake images only', 0, 4],
    ['no images', 0, 0],
  ] as const) {
    it(`refuses to train on ${found}`, () => {
      assert.throws(() => mixData([split('a', samples('a', real, fake))], OPTIONS, () => {}), {
        code: 'ERR_DATASET',
        message: new RegExp(`For training, the data sets have ${found}`),
      });
    });
  }
});

describe('parseWeights', () => {
  it('gives 1 to sets without a weight', () => assert.deepEqual(parseWeights(['2.5'], 3), [2.5, 1, 1]));
  for (const given of [['0'], ['-1'], ['x'], ['Infinity'], ['1', '1', '1', '1']]) {
    it(`refuses ${given.join()}`, () => assert.throws(() => parseWeights(given, 3), { name: 'TypeError' }));
  }
});

describe('openTrainingData and openTestSet', () => {
  let root: string;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'deepcode-'));
    await writeSyntheticSet(join(root, 'one', 'faces'), 3);
    await writeSyntheticSet(join(root, 'two', 'faces'), 3);
    await writeImages(join(root, 'flat'), 3);
  });
  after(() => rm(root, { recursive: true }));

  it('tells apart the images of two data sets of one name', async () => {
    const data = [join(root, 'one', 'faces'), join(root, 'two', 'faces')];
    const { pool, sets } = await openTrainingData(
      { ...OPTIONS, data, dataWeight: [], maxBadImages: 0 },
      () => {},
    );
    assert.equal(new Set(pool.map(({ name }) => name)).size, 12);
    assert.deepEqual(
      sets.map(({ name }) => name),
      ['faces', 'faces#2'],
    );
  });

  it('takes the test split, or all of a set that is not split', async () => {
    const faces = await openTestSet(join(root, 'one', 'faces'));
    assert.deepEqual([faces.name, faces.samples.length], ['faces/test', 8]);
    const flat = await openTestSet(join(root, 'flat'));
    assert.deepEqual([flat.name, flat.samples.length], ['flat', 6]);
  });

  it('finds no test images in sets without such a split', async () => {
    assert.equal(await openTestSplits([join(root, 'flat')]), null);
    assert.equal((await openTestSplits([join(root, 'flat'), join(root, 'one', 'faces')]))!.length, 8);
  });
});
