import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Detector } from '../../../ts/detect/detector.js';
import { readDetectorJson } from '../../../ts/detect/detector-json.js';
import { mergeAdapter } from '../../../ts/detect/train/merge.js';
import { TrainingPlace } from '../../support/training.js';

describe('mergeAdapter', () => {
  let place: TrainingPlace;
  let images: string[];
  before(async () => {
    place = await TrainingPlace.create();
    await place.train('run', { learningRate: 0.01 });
    const folder = join(place.data, 'test', 'fake');
    images = (await readdir(folder)).map((name) => join(folder, name));
  });
  after(() => place.remove());

  async function logits(options: { model?: string; adapter?: string }): Promise<number[]> {
    const { model, ...rest } = options;
    const detector = await Detector.load(model, { ...rest, device: 'cpu' });
    try {
      const detections = await detector.detect(images);
      return detections.flatMap(({ logits: pair }) => [...pair]);
    } finally {
      detector.dispose();
    }
  }

  it('writes a timm folder with the same logits and the detector of the adapter', async () => {
    const out = join(place.root, 'merged');
    const report = await mergeAdapter({ adapter: place.run('run'), out });
    assert.deepEqual(report, { folder: out, layers: 2, modules: ['head'] });
    const expected = await logits({ model: place.model, adapter: place.run('run') });
    const merged = await logits({ model: out });
    merged.forEach((value, i) =>
      assert.ok(Math.abs(value - expected[i]!) < 1e-5 * Math.max(1, Math.abs(expected[i]!))),
    );
    const detector = await readDetectorJson(out);
    assert.deepEqual(
      { ...detector, base: '../../../model' },
      await readDetectorJson(join(place.run('run'), 'adapter')),
    );
  });

  it('takes another base than the one that the adapter names', async () => {
    const base = await mergeAdapter({
      model: place.model,
      adapter: join(place.run('run'), 'adapter-last'),
      out: join(place.root, 'last'),
    });
    assert.equal(base.layers, 2);
  });

  it('leaves a folder with content alone', async () => {
    const out = join(place.root, 'full');
    await mkdir(out);
    await writeFile(join(out, 'file'), '');
    await assert.rejects(mergeAdapter({ adapter: place.run('run'), out }), {
      code: 'ERR_IO',
      message: /not empty/,
    });
  });

  it('names what is not an adapter', async () => {
    await assert.rejects(mergeAdapter({ adapter: place.data, out: join(place.root, 'none') }), {
      code: 'ERR_IO',
    });
    assert.throws(() => mergeAdapter({ out: 'x' }), { name: 'TypeError', message: /adapter/ });
  });
});
