/** Networks whose tokens come from convolutions: their running statistics are neither parameters nor left behind. */
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Detector } from '../../../ts/detect/detector.js';
import { mergeAdapter } from '../../../ts/detect/train/merge.js';
import { floatsOf, readSafetensors } from '../../support/read-safetensors.js';
import { stopAfter, TrainingPlace } from '../../support/training.js';

const STEM = join(__dirname, '..', '..', 'parity', 'vit', 'stem-average');
const ALL = { model: STEM, train: 'all', head: 'new', epochs: 2 } as const;
const WEIGHTS = join('model-last', 'model.safetensors');

const isStatistic = (name: string): boolean => /running_(mean|var)$/.test(name);

describe('train with a stem of convolutions', () => {
  let place: TrainingPlace;
  const anImage = async (): Promise<string> => {
    const files = await readdir(place.data, { recursive: true });
    return join(place.data, files.find((file) => file.endsWith('.png'))!);
  };
  before(async () => {
    place = await TrainingPlace.create();
    await place.train('whole', ALL);
  });
  after(() => place.remove());

  it('moves the running statistics and saves them', () => {
    const before = readSafetensors(join(STEM, 'model.safetensors'));
    const after = readSafetensors(join(place.run('whole'), WEIGHTS));
    const names = [...after.keys()].filter(isStatistic);
    assert.equal(names.length, 4);
    for (const name of names) assert.notDeepEqual(floatsOf(after, name), floatsOf(before, name), name);
  });

  it('resumes with the weights and statistics of an uninterrupted run', async () => {
    await assert.rejects(place.train('stopped', ALL, stopAfter(5)), { name: 'AbortError' });
    await place.resume('stopped');
    assert.deepEqual(await place.read('stopped', WEIGHTS), await place.read('whole', WEIGHTS));
  });

  it('takes no statistics where a sharpness-aware step stands uphill', async () => {
    const still = { ...ALL, epochs: 1, learningRate: 0 } as const;
    await place.train('flat', still);
    await place.train('uphill', { ...still, samRho: 5 });
    assert.deepEqual(await place.read('uphill', WEIGHTS), await place.read('flat', WEIGHTS));
  });

  it('leaves the stem alone while an adapter trains, and merges it', async () => {
    const report = await place.train('adapted', { model: STEM, epochs: 1 });
    const saved = readSafetensors(join(report.best.path, 'adapter_model.safetensors'));
    assert.deepEqual([...saved.keys()].filter((name) => name.includes('patch_embed')), []);
    const detector = await Detector.load(place.run('adapted'), { device: 'cpu' });
    await mergeAdapter({ adapter: place.run('adapted'), out: place.run('merged') });
    const merged = await Detector.load(place.run('merged'), { device: 'cpu' });
    const scores = await Promise.all([detector, merged].map(async (each) => (await each.detect(await anImage())).score));
    assert.ok(Math.abs(scores[0]! - scores[1]!) < 1e-6, scores.join(' and '));
    detector.dispose();
    merged.dispose();
  });

  it('draws a heat map', async () => {
    const detector = await Detector.load(place.run('whole'), { device: 'cpu' });
    const { map } = await detector.heatmap(await anImage());
    assert.equal(map.values.length, 16);
    assert.ok(Math.max(...map.values) > 0);
    detector.dispose();
  });

  it('has no patches to whiten', async () => {
    await assert.rejects(place.train('white', { ...ALL, init: 'whitened' }), { code: 'ERR_CONFIG', message: /stem has no patches/ });
  });

  it('refuses a batch that leaves one value a channel to normalise', async () => {
    const config = JSON.parse(await readFile(join(STEM, 'config.json'), 'utf8')) as { model_args: Record<string, unknown> };
    config.model_args['conv_stem'] = { channels: [8, 32], kernel_size: [4, 1], stride: [32, 1], padding: 0 };
    const model = place.run('one-token');
    await mkdir(model, { recursive: true });
    await writeFile(join(model, 'config.json'), JSON.stringify(config));
    const single = { ...ALL, model, init: 'random', balance: 'none', batchSize: 1, epochs: 1 } as const;
    await assert.rejects(place.train('single', single), { code: 'ERR_SHAPE', message: /batch normalisation/ });
  });

  it('refuses a variance below 0', async () => {
    const broken = place.run('broken');
    await mkdir(broken, { recursive: true });
    for (const file of ['config.json', 'model.safetensors']) await writeFile(join(broken, file), await readFile(join(STEM, file)));
    const bytes = await readFile(join(broken, 'model.safetensors'));
    const header = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE(0))).toString()) as Record<string, { data_offsets: [number, number] }>;
    const [start] = header['patch_embed.backbone.0.bn.running_var']!.data_offsets;
    bytes.writeFloatLE(-1, 8 + Number(bytes.readBigUInt64LE(0)) + start);
    await writeFile(join(broken, 'model.safetensors'), bytes);
    await assert.rejects(place.train('from-broken', { ...ALL, model: broken }), { code: 'ERR_WEIGHTS_FORMAT', message: /running_var/ });
  });
});
