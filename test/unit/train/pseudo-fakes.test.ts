import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrainingSample } from '../../../ts/detect/train/data.js';
import { TRAIN_OPTIONS, type TrainOptions } from '../../../ts/detect/train/options.js';
import { TrainingPlan } from '../../../ts/detect/train/plan.js';
import { resolveOptions } from '../../../ts/options.js';
import { writeImages } from '../../support/synthetic-set.js';
import { stopAfter, TrainingPlace } from '../../support/training.js';

const pool: TrainingSample[] = Array.from({ length: 60 }, (_, i) => ({
  path: `/${i}`,
  name: `${i}`,
  label: i < 40 ? 0 : 1,
  weight: 1,
}));

const planOf = (options: TrainOptions): TrainingPlan =>
  new TrainingPlan(pool, resolveOptions(TRAIN_OPTIONS, { batchSize: 8, seed: 3, ...options }));

describe('TrainingPlan with pseudo-fakes', () => {
  const labels = (plan: TrainingPlan, epoch: number): number[] => plan.epochSteps(epoch).flat(2).map(({ label }) => label);

  it('labels a share of the reals as fakes and gives each a seed of its own', () => {
    const plan = planOf({ pseudoFakes: 0.25, balance: 'none' });
    const items = plan.epochSteps(1).flat(2);
    const made = items.filter(({ pseudoFakeSeed }) => typeof pseudoFakeSeed === 'number');
    assert.deepEqual([items.length, made.length], [60, 10]);
    for (const { label, name } of made) assert.ok(label === 1 && Number(name) < 40);
    assert.equal(new Set(made.map(({ pseudoFakeSeed }) => pseudoFakeSeed)).size, 10);
    for (const item of items) if (!made.includes(item)) assert.equal(item.label, Number(item.name) < 40 ? 0 : 1);
  });

  it('is a function of seed and epoch', () => {
    const options = { pseudoFakes: 0.3 };
    assert.deepEqual(planOf(options).epochSteps(2), planOf(options).epochSteps(2));
    assert.notDeepEqual(labels(planOf(options), 1), labels(planOf(options), 2));
    assert.notDeepEqual(labels(planOf(options), 1), labels(planOf({ ...options, seed: 4 }), 1));
  });

  it('balances what is shown, and knows the length of an epoch', () => {
    for (const pseudoFakes of [0, 0.1, 0.25, 0.4]) {
      const plan = planOf({ pseudoFakes });
      const shown = labels(plan, 1);
      assert.equal(shown.length, plan.imagesPerEpoch);
      const fakes = shown.filter((label) => label === 1).length;
      assert.ok(Math.abs(2 * fakes - shown.length) <= 2, `${pseudoFakes}: ${fakes} of ${shown.length}`);
    }
  });

  it('leaves runs without them as they were', () => {
    const items = planOf({}).epochSteps(1).flat(2);
    assert.ok(items.every(({ pseudoFakeSeed }) => pseudoFakeSeed === null));
  });
});

describe('train with pseudo-fakes', () => {
  let place: TrainingPlace;
  before(async () => void (place = await TrainingPlace.create()));
  after(() => place.remove());

  it('resumes within an epoch to the same losses', async () => {
    const options = { pseudoFakes: 0.4, pseudoFakeKinds: 'upsample,blend' };
    const { best } = await place.train('whole', options);
    assert.ok(best.path);
    await assert.rejects(place.train('stopped', options, stopAfter(3)), { name: 'AbortError' });
    await place.resume('stopped');
    assert.deepEqual(await place.metrics('stopped'), await place.metrics('whole'));
  }).timeout(60_000);

  it('learns from a folder of real photos alone, and from a CSV of them', async () => {
    const folder = join(place.root, 'reals');
    await writeImages(folder, 20, 0, ['real']);
    await place.train('reals', { data: [folder], pseudoFakes: 0.5, epochs: 1 });
    const table = join(place.root, 'table');
    await mkdir(table);
    const rows = Array.from({ length: 20 }, (_, i) => `../reals/real/${String(i).padStart(3, '0')}.png,real\n`);
    await writeFile(join(table, 'reals.csv'), `path,label\n${rows.join('')}`);
    await place.train('table', { data: [join(table, 'reals.csv')], pseudoFakes: 0.5, epochs: 1 });
    for (const name of ['reals', 'table']) {
      const epoch = (await place.metrics(name)).find((line) => 'val_auc' in line);
      assert.ok(epoch && 'val_auc' in epoch && epoch.val_auc !== null);
    }
  }).timeout(60_000);

  it('refuses kinds that do not exist and shares out of range', () => {
    assert.throws(() => place.train('bad', { pseudoFakes: 0.2, pseudoFakeKinds: 'swap' }), TypeError);
    assert.throws(() => place.train('bad', { pseudoFakes: 0.6 }), RangeError);
  });
});
