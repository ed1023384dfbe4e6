/** Detector on convolution networks: the folders of the parity fixtures as a user would load them. */
import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { Detector } from '../../ts/detect/detector.js';
import { defaultDetectorJson, formatDetectorJson } from '../../ts/detect/detector-json.js';
import { jsonLines, runCli } from '../support/cli.js';
import { preprocessingOf } from '../support/preprocessing.js';
import { useTemporaryFolder } from '../support/temporary-folder.js';

const FIXTURES = join(__dirname, '..', 'parity');
const MODELS = { xception: join(FIXTURES, 'xception'), 'fair detector': join(FIXTURES, 'fair_detector', 'methods') };
const FAIR = MODELS['fair detector'];
const SAMPLES = join(__dirname, '..', 'data', 'samples');
const ONE = join(SAMPLES, 'real-london-1.jpg');
const cpu = { device: 'cpu' } as const;

describe('Detector on convolution networks', () => {
  const folder = useTemporaryFolder();

  function changedConfig(model: string, changes: object): string {
    cpSync(model, folder('model'), { recursive: true });
    const config = JSON.parse(readFileSync(join(model, 'config.json'), 'utf8')) as object;
    writeFileSync(folder('model', 'config.json'), JSON.stringify({ ...config, ...changes }));
    return folder('model');
  }

  for (const [name, model] of Object.entries(MODELS)) {
    it(`detects, with features and a heat map: ${name}`, async () => {
      const detector = await Detector.load(model, cpu);
      const { score, features, logits } = await detector.detect(ONE, { features: true });
      assert.ok(Math.abs(score - 1 / (1 + Math.exp(logits[0] - logits[1]))) < 1e-12);
      assert.ok(features!.length > 0 && features!.every(Number.isFinite));
      const { map, png } = await detector.heatmap(ONE);
      const [, height, width] = detector.info.inputSize;
      assert.deepEqual([map.rows, map.columns], [Math.ceil(height / 32), Math.ceil(width / 32)]);
      assert.equal(map.values.length, map.rows * map.columns);
      assert.deepEqual([...png.subarray(1, 4)], [...Buffer.from('PNG')]);
      detector.dispose();
    });
  }

  it('mirrors the heat map with the photo when the score is a mean over both', async () => {
    cpSync(MODELS.xception, folder('run'), { recursive: true });
    const preprocessing = { ...preprocessingOf(160), cropPct: 1 };
    writeFileSync(folder('run', 'detector.json'), formatDetectorJson(defaultDetectorJson(preprocessing)));
    using detector = await Detector.load(folder('run'), { ...cpu, tta: 'flip' });
    const photo = sharp(await sharp(ONE).resize(160, 160).png().toBuffer());
    const mapOf = async (picture: Buffer) => (await detector.heatmap(picture, { direction: 'fake' })).map;
    const { values, columns } = await mapOf(await photo.png().toBuffer());
    const mirrored = await mapOf(await photo.clone().flop().png().toBuffer());
    const largest = Math.max(...values);
    const expected = values.map((_, i) => values[i - (i % columns) + columns - 1 - (i % columns)]!);
    mirrored.values.forEach((value, i) => assert.ok(Math.abs(value - expected[i]!) <= 1e-4 * largest, `cell ${i}`));
    assert.ok(values.some((value, i) => Math.abs(value - expected[i]!) > 1e-3 * largest), 'the photo is not symmetric');
  });

  it('takes preprocessing, threshold and calibration from detector.json', async () => {
    cpSync(FAIR, folder('run'), { recursive: true });
    const preprocessing = { ...preprocessingOf(96), mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const;
    const json = { ...defaultDetectorJson(preprocessing), threshold: 0.7, temperature: 2, unsure: { from: 0.7, to: 0.7 } };
    writeFileSync(folder('run', 'detector.json'), formatDetectorJson(json));
    const detector = await Detector.load(folder('run'), cpu);
    const { inputSize, threshold, temperature } = detector.info;
    assert.deepEqual([inputSize, threshold, temperature], [[3, 96, 96], 0.7, 2]);
    await detector.detect(ONE);
    detector.dispose();
  });

  it('scores from the command line', async () => {
    const { code, stdout } = await runCli(['detect', ONE, '--json', '--model', FAIR, '--device', 'cpu']);
    assert.equal(code, 0);
    assert.equal(jsonLines(stdout).length, 1);
  });

  it('refuses an adapter, other classes, other labels and a size that does not fit', async () => {
    const refused = (changes: object, message: RegExp) =>
      assert.rejects(Detector.load(changedConfig(FAIR, changes), cpu), { code: 'ERR_CONFIG', message });
    await refused({ label_names: ['fake', 'real'] }, /labels/);
    await refused({ model_args: { img_size: 100 } }, /img_size/);
    await assert.rejects(Detector.load(changedConfig(MODELS.xception, { num_classes: 3 }), cpu), { code: 'ERR_CONFIG', message: /3 classes/ });
    writeFileSync(folder('adapter_config.json'), JSON.stringify({ peft_type: 'LORA', r: 2, lora_alpha: 4, target_modules: ['qkv'] }));
    await assert.rejects(Detector.load(FAIR, { ...cpu, adapter: folder() }), { code: 'ERR_CONFIG', message: /no adapter/ });
  });
});
