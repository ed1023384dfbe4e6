import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
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

  it('holds out whole persons where the set says who they are', () => {
    const set = { name: 'a', train: samples('a', 40, 40).map((sample, i) => ({ ...sample, identity: `p${i % 20}` })), validation: null };
    const { pool, validation } = mixData([set], OPTIONS, () => {});
    const [learned, held] = [pool, validation].map((part) => new Set(part.map(({ identity }) => identity)));
    assert.ok(held!.size > 0 && pool.length >= 60);
    assert.ok([...held!].every((identity) => !learned!.has(identity)), [...held!].join());
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

  it('takes real images alone when fakes are made from them, and validates on some of those', () => {
    const logged: string[] = [];
    const reals: OpenedSet = { name: 'a', train: samples('a', 40, 0), validation: null };
    const mix = (): ReturnType<typeof mixData> =>
      mixData([reals], { ...OPTIONS, pseudoFakes: 0.5 }, (line) => logged.push(line));
    const { pool, validation } = mix();
    assert.deepEqual([pool.length, validation.length], [36, 4]);
    for (const { label, pseudoFakeSeed } of validation) assert.equal(label, pseudoFakeSeed === undefined ? 0 : 1);
    assert.equal(validation.filter(({ label }) => label === 1).length, 2);
    assert.deepEqual(mix().validation, validation);
    assert.match(logged.join('\n'), /no fakes to validate on/);
  });

  it('keeps true fakes for validation where there are some', () => {
    const reals: OpenedSet = { name: 'b', train: samples('b', 40, 0), validation: null };
    const { validation } = mixData([split('a', samples('a', 9, 9)), reals], { ...OPTIONS, pseudoFakes: 0.3 }, () => {});
    assert.ok(validation.every(({ pseudoFakeSeed }) => pseudoFakeSeed === undefined));
  });

  it('refuses so large a share of pseudo-fakes beside true ones that no balance is left', () => {
    const mix = (pseudoFakes: number): unknown => mixData([split('a', samples('a', 9, 9))], { ...OPTIONS, pseudoFakes }, () => {});
    assert.throws(() => mix(0.5), RangeError);
    assert.doesNotThrow(() => mix(0.45));
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

  it('knows how a fake was made by spe_label first, then by its source', async () => {
    const table = join(root, 'flat', 'methods.csv');
    const reals = [0, 1, 2].map((i) => `real/00${i}.png,real,ffhq,`);
    const fakes = ['Face2Face', 'Face2Face', ''].map((method, i) => `fake/00${i}.png,fake,forensics,${method}`);
    await writeFile(table, `path,label,source,spe_label\n${[...reals, ...fakes].join('\n')}\n`);
    const { pool, validation } = await openTrainingData({ ...OPTIONS, data: [table], dataWeight: [], maxBadImages: 0 }, () => {});
    await rm(table);
    const made = [...pool, ...validation].filter(({ label }) => label === 1).map(({ forgeryMethod }) => forgeryMethod);
    assert.deepEqual(made.sort(), ['Face2Face', 'Face2Face', 'forensics']);
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
