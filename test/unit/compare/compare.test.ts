import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compare, type CompareReport } from '../../../ts/detect/compare.js';
import { writeImages } from '../../support/synthetic-set.js';
import { TINY_OPTIONS, TrainingPlace } from '../../support/training.js';

describe('compare', () => {
  let place: TrainingPlace;
  let report: CompareReport;
  const options = () => ({
    ...TINY_OPTIONS,
    data: [place.data],
    model: place.model,
    cross: [join(place.root, 'others')],
    seeds: '0,1',
    sclScaledMargin: true,
    out: join(place.root, 'compare'),
  });
  before(async () => {
    place = await TrainingPlace.create();
    await writeImages(join(place.root, 'others'), 5, 300);
    report = await compare(options());
  });
  after(() => place.remove());

  it('compares both ways on the test split and on other data', () => {
    const cells = report.comparisons.map(({ data, domain, method, count }) => [data, domain, method, count]);
    assert.deepEqual(cells, [
      ['test split', 'within', 'naive', 8],
      ['test split', 'within', 'scl', 8],
      ['others', 'cross', 'naive', 10],
      ['others', 'cross', 'scl', 10],
    ]);
    for (const { auc } of report.comparisons)
      assert.ok(auc !== null && auc.min <= auc.mean && auc.mean <= auc.max);
    assert.match(report.table, /naive \(ce\).*±/);
  });

  it('writes table, plots and runs', async () => {
    const entries = (await readdir(report.folder)).sort();
    assert.deepEqual(entries, [
      'auc.svg',
      'compare.json',
      'features.svg',
      'naive-seed0',
      'naive-seed1',
      'scl-seed0',
      'scl-seed1',
      'table.md',
    ]);
    const features = await readFile(join(report.folder, 'features.svg'), 'utf8');
    assert.match(features, /learnt centre/);
    assert.match(features, /mean of real/);
  });

  it('gives both ways the same images, weights and head to begin with', async () => {
    const first = async (run: string): Promise<{ ce: number; images: number }> => {
      const [line] = (await readFile(join(report.folder, run, 'metrics.jsonl'), 'utf8')).split('\n');
      return JSON.parse(line!) as { ce: number; images: number };
    };
    const [naive, scl] = [await first('naive-seed1'), await first('scl-seed1')];
    assert.equal(naive.ce, scl.ce);
  });

  it('does not train again what is there', async () => {
    const steps: number[] = [];
    const again = await compare(options(), { onProgress: ({ step }) => steps.push(step) });
    assert.deepEqual(steps, []);
    assert.deepEqual(again.comparisons, report.comparisons);
  });

  it('keeps sets of one name apart', async () => {
    const cross = ['others', 'x/others', 'x/test split'].map((path) => join(place.root, path));
    await writeImages(cross[1]!, 3, 400);
    await writeImages(cross[2]!, 2, 500);
    const { comparisons } = await compare({ ...options(), cross });
    const counts = comparisons.flatMap(({ data, method, count }) => (method === 'scl' ? [[data, count]] : []));
    assert.deepEqual(counts, [
      ['test split', 8],
      ['others', 10],
      ['others (2)', 6],
      ['test split (2)', 4],
    ]);
  });

  it('refuses seeds that are none', () => {
    assert.throws(() => compare({ ...options(), seeds: '0,0' }), { name: 'TypeError', message: /seeds/ });
  });
});
