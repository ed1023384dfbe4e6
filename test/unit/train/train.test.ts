import assert from 'node:assert/strict';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openDataset } from '../../../ts/data/datasets/open-dataset.js';
import { Detector } from '../../../ts/detect/detector.js';
import { parseDetectorJson } from '../../../ts/detect/detector-json.js';
import { evaluateDetector } from '../../../ts/detect/evaluate.js';
import { train } from '../../../ts/detect/train/train.js';
import { writeImages } from '../../support/synthetic-set.js';
import { stopAfter, TrainingPlace } from '../../support/training.js';

const WEIGHTS = ['adapter/adapter_model.safetensors', 'adapter-last/adapter_model.safetensors'];

describe('train', () => {
  let place: TrainingPlace;
  before(async () => void (place = await TrainingPlace.create()));
  after(() => place.remove());

  it('writes a complete run folder', async () => {
    const report = await place.train('complete');
    const entries = (await readdir(place.run('complete'))).sort();
    assert.deepEqual(entries, [
      'adapter',
      'adapter-last',
      'checkpoints',
      'config.json',
      'curves.svg',
      'detector.json',
      'metrics.jsonl',
    ]);
    assert.deepEqual((await readdir(report.best.path)).sort(), [
      'adapter_config.json',
      'adapter_model.safetensors',
      'detector.json',
      'manifest.json',
    ]);
    const lines = await place.metrics('complete');
    assert.equal(lines.filter((line) => !('val_loss' in line)).length, 8);
    assert.equal(
      report.best.loss,
      Math.min(...lines.flatMap((line) => ('val_loss' in line ? [line.val_loss] : []))),
    );
    assert.match((await place.read('complete', 'curves.svg')).toString(), /^<svg/);
  });

  it('describes the detector', async () => {
    const detector = parseDetectorJson(
      JSON.parse((await place.read('complete', 'detector.json')).toString()),
    );
    assert.deepEqual(detector.data, [{ name: 'faces', real: 16, fake: 16, terms: null }]);
    assert.deepEqual(detector.preprocessing.inputSize, [3, 32, 32]);
    assert.equal(detector.base, '../../../model');
    assert.match(detector.weightsTerms, /Not stated\. Trained on faces/);
    assert.equal(detector.training['chosen_by'], 'smallest validation cross-entropy of all epochs');
    assert.ok(detector.unsure.from <= detector.threshold && detector.threshold <= detector.unsure.to);
  });

  it('writes an adapter that PEFT knows', async () => {
    const config = JSON.parse(
      (await place.read('complete', 'adapter/adapter_config.json')).toString(),
    ) as Record<string, unknown>;
    assert.equal(config['peft_type'], 'LORA');
    assert.deepEqual([config['r'], config['lora_alpha'], config['target_modules']], [16, 32, ['qkv']]);
    assert.deepEqual(config['modules_to_save'], ['head']);
  });

  it('does the same for the same seed, bit for bit, and something else for another', async () => {
    await place.train('again');
    await place.train('other', { seed: 1 });
    assert.deepEqual(await place.metrics('again'), await place.metrics('complete'));
    assert.notDeepEqual(await place.metrics('other'), await place.metrics('complete'));
    for (const file of WEIGHTS)
      assert.ok((await place.read('again', file)).equals(await place.read('complete', file)), file);
  });

  for (const step of [1, 4, 6]) {
    it(`resumes after a stop at step ${step} with the losses and weights of an uninterrupted run`, async () => {
      const name = `stopped-${step}`;
      await assert.rejects(place.train(name, {}, stopAfter(step)), { name: 'AbortError' });
      await place.resume(name);
      assert.deepEqual(await place.metrics(name), await place.metrics('complete'));
      for (const file of WEIGHTS)
        assert.ok((await place.read(name, file)).equals(await place.read('complete', file)), file);
    });
  }

  it('resumes a run with mixed images and accumulation in the same way', async () => {
    const options = { cutmix: 0.7, accumulate: 2 };
    await place.train('cutmix', options);
    await assert.rejects(place.train('cutmix-stopped', options, stopAfter(2)), { name: 'AbortError' });
    await place.resume('cutmix-stopped');
    assert.deepEqual(await place.metrics('cutmix-stopped'), await place.metrics('cutmix'));
  });

  it('goes on with more epochs, as if they had been asked for at once', async () => {
    await place.train('long', { epochs: 3 });
    await place.copy('complete', 'longer');
    await place.resume('longer', { epochs: 3 });
    assert.deepEqual(await place.metrics('longer'), await place.metrics('long'));
  });

  it('refuses to end before the epoch that has begun', async () => {
    await assert.rejects(place.train('begun', { epochs: 3 }, stopAfter(6)), { code: 'ABORT_ERR' });
    await assert.rejects(place.resume('begun', { epochs: 1 }), { code: 'ERR_CONFIG', message: /in epoch 2 already/ });
    assert.equal((await place.resume('begun', { epochs: 2 })).epochs, 2);
  });

  it('does without the checkpoint of the best epoch when it is damaged', async () => {
    // Nothing is learnt, so the first epoch stays the best.
    await place.train('lost', { learningRate: 0 });
    await rm(join(place.run('lost'), 'checkpoints', 'epoch-00001', 'manifest.json'));
    await place.copy('lost', 'lost-at-end');
    const logged: string[] = [];
    const hooks = { onLog: (line: string) => void logged.push(line) };
    assert.equal((await place.resume('lost-at-end', {}, hooks)).best.epoch, 2);
    assert.match(logged.join('\n'), /epoch-00001 of the best epoch .* the last epoch counts as the best/);
    assert.match(logged.join('\n'), /Best epoch: 2 \(the last one\)/);
    assert.match((await place.read('lost-at-end', 'detector.json')).toString(), /"chosen_by": "last epoch"/);
    assert.equal((await place.resume('lost', { epochs: 4 }, hooks)).best.epoch, 3);
    assert.match(logged.join('\n'), /epoch-00001 of the best epoch .* the best of the epochs to come/);
  });

  it('exports a finished run again', async () => {
    await rm(join(place.run('again'), 'adapter'), { recursive: true });
    await place.resume('again');
    assert.ok((await place.read('again', WEIGHTS[0]!)).equals(await place.read('complete', WEIGHTS[0]!)));
  });

  it('does not start over what is there', async () => {
    await assert.rejects(place.train('complete'), {
      code: 'ERR_CONFIG',
      message: /holds a run already\. Continue it with --resume/,
    });
  });

  it('refuses to resume with other options', async () => {
    await assert.rejects(place.resume('complete', { learningRate: 0.5 }), {
      code: 'ERR_CONFIG',
      message: /--lr/,
    });
  });

  it('refuses to resume when the data has changed', async () => {
    await place.copy('complete', 'moved');
    await writeImages(join(place.data, 'train'), 1, 900, ['real']);
    try {
      await assert.rejects(place.resume('moved'), { code: 'ERR_CONFIG', message: /images of the data sets/ });
    } finally {
      await rm(join(place.data, 'train', 'real', '900.png'));
    }
  });

  it('trains all weights into a timm folder', async () => {
    const report = await place.train('all', {
      train: 'all',
      loss: 'scl',
      learningRate: 1e-4,
      optimizer: 'adamw',
    });
    assert.deepEqual((await readdir(report.best.path)).sort(), [
      'config.json',
      'detector.json',
      'manifest.json',
      'model.safetensors',
    ]);
    const config = JSON.parse((await place.read('all', 'model/config.json')).toString()) as Record<
      string,
      unknown
    >;
    assert.deepEqual([config['num_classes'], config['label_names']], [2, ['real', 'fake']]);
    const detector = parseDetectorJson(JSON.parse((await place.read('all', 'detector.json')).toString()));
    assert.deepEqual([detector.base, detector.scl?.center.length], [null, 32]);
    assert.equal(report.parameters.trained, report.parameters.total);
  });

  it('trains from random weights, given a config.json only', async () => {
    const model = join(place.root, 'config-only');
    await writeImages(model, 0);
    await writeFile(join(model, 'config.json'), await readConfig(place.model));
    const report = await place.train('random', { model, init: 'random', train: 'all', epochs: 1 });
    assert.equal(report.epochs, 1);
  });

  it('whitens the patch embeddings of a new run, the same each time', async () => {
    const options = { train: 'all', learningRate: 0, seed: 3 } as const;
    const weights = async (name: string): Promise<Buffer> => place.read(name, 'model/model.safetensors');
    await place.train('drawn', { ...options, init: 'random', epochs: 1 });
    await place.train('whitened', { ...options, init: 'whitened', epochs: 1 });
    assert.notDeepEqual(await weights('whitened'), await weights('drawn'));
    await place.train('whitened-twice', { ...options, init: 'whitened', epochs: 1 });
    assert.deepEqual(await weights('whitened-twice'), await weights('whitened'));
  });

  it('takes the share of the image that is seen from --crop-pct', async () => {
    const report = await place.train('crop', { cropPct: 0.5, epochs: 1 });
    const detector = parseDetectorJson(JSON.parse((await place.read('crop', 'detector.json')).toString()));
    assert.equal(report.epochs, 1);
    assert.equal(detector.preprocessing.cropPct, 0.5);
  });

  it('validates and calibrates with --tta, and the detector scores so', async () => {
    const { best } = await place.train('flip', { tta: 'flip', augment: 'none', valSamples: 8 });
    const detector = await Detector.load(place.run('flip'), { device: 'cpu' });
    assert.equal(detector.info.tta, 'flip');
    const { samples } = await openDataset(place.data, { split: 'valid' });
    const { report } = await evaluateDetector(detector, samples).finally(() => detector.dispose());
    const { validation } = parseDetectorJson(JSON.parse((await place.read('flip', 'detector.json')).toString()))
      .training as { validation: { images: number; auc: number } };
    assert.deepEqual([validation.images, validation.auc], [samples.length, report.auc]);
    const without = await place.train('no-flip', { augment: 'none', valSamples: 8 });
    assert.notEqual(best.loss, without.best.loss);
  });

  it('trains the head alone, or nothing but the adapter under a frozen head', async () => {
    const head = await place.train('head', { train: 'head', epochs: 1 });
    assert.equal(head.parameters.trained, 2 * 32 + 2);
    const frozen = await place.train('frozen', { head: 'frozen-imagenet', loraRank: 4, epochs: 1 });
    assert.equal(frozen.parameters.trained, 2 * 4 * (32 + 96));
  });

  it('continues from an adapter', async () => {
    const before = await place.train('first', { epochs: 1 });
    const report = await place.train('second', { epochs: 1, initAdapter: before.last.path, learningRate: 0 });
    assert.ok(Math.abs(report.last.loss - before.last.loss) < 1e-6);
  });

  it('skips unreadable images, telling each once', async () => {
    const logged: string[] = [];
    const path = join(place.data, 'train', 'fake', '000.png');
    const original = await readConfig(path, '');
    await writeFile(path, 'no image');
    try {
      const report = await place.train('bad', { trainSamples: 100 }, { onLog: (line) => logged.push(line) });
      assert.deepEqual(report.badImages, ['faces/train/fake/000.png']);
      assert.equal(logged.filter((line) => line.startsWith('Skipping')).length, 1);
      await assert.rejects(place.train('worse', { trainSamples: 100, maxBadImages: 0 }), {
        code: 'ERR_IMAGE',
      });
    } finally {
      await writeFile(path, original);
    }
  });

  it('stops at a loss that is not finite and keeps the last good checkpoint', async () => {
    const options = {
      optimizer: 'sgd',
      learningRate: 100,
      train: 'all',
      momentum: 0.99,
      epochs: 50,
    } as const;
    await assert.rejects(place.train('diverged', options), { code: 'ERR_NONFINITE', message: /step \d+/ });
  });

  it('names a class that is missing', async () => {
    const data = join(place.root, 'one-class');
    await writeImages(join(data, 'train'), 3, 0, ['fake']);
    await assert.rejects(place.train('one', { data: [data] }), {
      code: 'ERR_DATASET',
      message: /fake images only/,
    });
  });

  it('mixes data sets and holds out validation images where there are none', async () => {
    const data = join(place.root, 'flat');
    await writeImages(data, 20);
    const logged: string[] = [];
    const report = await place.train(
      'mixed',
      { data: [place.data, data], dataWeight: ['1', '3'], epochs: 1, trainSamples: 40 },
      { onLog: (line) => logged.push(line) },
    );
    assert.match(logged.join('\n'), /flat has no validation images: 4 of its 40 are held out/);
    assert.equal(report.images.train, 40);
  });

  it('makes up for unequal classes by repeating images, by weights, or not at all', async () => {
    const data = join(place.root, 'unequal');
    await writeImages(join(data, 'train'), 12, 0, ['real']);
    await writeImages(join(data, 'train'), 4, 0, ['fake']);
    await writeImages(join(data, 'valid'), 4, 100);
    const steps = async (balance: 'none' | 'sample' | 'loss'): Promise<number> =>
      (await place.train(balance, { data: [data], balance, epochs: 1, shuffle: false })).steps;
    assert.deepEqual([await steps('none'), await steps('sample'), await steps('loss')], [4, 6, 4]);
    const ce = async (name: string): Promise<number> =>
      (await place.metrics(name)).flatMap((line) => ('ce' in line ? [line.ce] : []))[0]!;
    const [plain, weighted] = [await ce('none'), await ce('loss')];
    // The first batch of the unshuffled set is of fakes only: 4 of 16, so a factor of 2.
    assert.ok(Math.abs(weighted / plain - 2) < 1e-6, `${weighted} and ${plain}`);
  });

  it('takes the weights from all that may be drawn when every epoch draws anew', async () => {
    const data = [join(place.root, 'unequal')];
    const ce = async (balance: 'none' | 'loss'): Promise<number> => {
      const name = `redrawn-${balance}`;
      await place.train(name, { data, balance, redraw: true, trainSamples: 1, epochs: 1 });
      return (await place.metrics(name)).flatMap((line) => ('ce' in line ? [line.ce] : []))[0]!;
    };
    const factor = (await ce('loss')) / (await ce('none'));
    // 12 real and 4 fake images.
    assert.ok([16 / 24, 16 / 8].some((expected) => Math.abs(factor - expected) < 1e-6), `${factor}`);
    const one = place.train('one-drawn', { data, balance: 'loss', trainSamples: 1 });
    await assert.rejects(one, { code: 'ERR_DATASET', message: /None of the 1 training images drawn is (real|fake)/ });
  });

  it('computes in bf16', async () => {
    const report = await place.train('bf16', { dtype: 'bf16', epochs: 1, loss: 'scl' });
    assert.ok(report.last.loss > 0);
    await assert.rejects(place.train('fp16', { dtype: 'fp16' }), { code: 'ERR_DTYPE' });
  });

  it('keeps a second run out of its folder', async () => {
    const outcomes = await Promise.allSettled([
      place.train('twice', { epochs: 1 }),
      place.train('twice', { epochs: 1 }),
    ]);
    const failures = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [outcome.reason as { code: string }] : [],
    );
    assert.deepEqual(
      failures.map(({ code }) => code),
      ['ERR_BUSY'],
    );
  });

  it('throws for wrong options before anything is written', () => {
    assert.throws(() => train({}), { name: 'TypeError', message: /--data/ });
    assert.throws(() => train({ data: ['x'] }), { name: 'TypeError', message: /--model/ });
    assert.throws(() => train({ data: ['x', ''], model: 'y' }), { name: 'TypeError', message: /--data/ });
    assert.throws(() => train({ data: ['x'], model: 'y', out: '' }), { name: 'TypeError', message: /--out/ });
    assert.throws(() => train({ resume: true, out: '' }), { name: 'TypeError', message: /--out/ });
    assert.throws(() => train({ data: ['x'], model: 'y', epochs: 1.5 }), { name: 'RangeError' });
    const mixed = { data: ['x'], model: 'y', cutmix: 0.5 };
    for (const loss of [{ loss: 'scl' }, { fairness: 'cvar' }] as const) {
      assert.throws(() => train({ ...mixed, ...loss }), { name: 'TypeError', message: /cutmix/ });
    }
    assert.throws(() => train({ data: ['x'], model: 'y', init: 'random' }), {
      name: 'TypeError',
      message: /--init random/,
    });
  });
});

async function readConfig(path: string, file = 'config.json'): Promise<Buffer> {
  const { readFile } = await import('node:fs/promises');
  return readFile(join(path, file));
}
