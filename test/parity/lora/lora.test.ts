import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { adapterConfigJson, parseAdapterConfig, resolveAdapter } from '../../../ts/detect/adapter-config.js';
import type { NativeTrainer } from '../../../ts/native/trainer.js';
import { callNative } from '../../../ts/native.js';
import { assertClose, relativeError } from '../../support/closeness.js';
import {
  adapterConfigOf,
  adapterOptionsOf,
  logitsOf,
  openDetector,
  openTrainer,
  vitConfigOf,
} from '../../support/parity-network.js';
import { useTemporaryFolder } from '../../support/temporary-folder.js';
import { floatsOf, readSafetensors } from '../../support/read-safetensors.js';
import { pythonWith } from '../../support/python.js';

const BASE = join(__dirname, 'base');
const IMAGES_FILE = join(__dirname, 'images.safetensors');
const IMAGES = readSafetensors(IMAGES_FILE).get('images')!.data;
const COUNT = 3;
const ADAPTERS = ['qkv', 'patterns', 'regex', 'all-linear'];

const folderOf = (name: string): string => join(__dirname, name);
const expectedLogits = (name: string): Float32Array =>
  floatsOf(readSafetensors(join(folderOf(name), 'expected.safetensors')), 'logits');

/** A trainer that starts from PEFT's adapter. */
function trainerOn(name: string, dropout = 0): Promise<NativeTrainer> {
  return openTrainer(BASE, {
    adapter: { ...adapterOptionsOf(BASE, folderOf(name)), dropout },
    adapterWeights: join(folderOf(name), 'adapter_model.safetensors'),
    trainable: 'adapter',
  });
}

async function takeStep(trainer: NativeTrainer): Promise<void> {
  const batch = { images: IMAGES, labels: Uint8Array.of(0, 1, 1), groups: null };
  await callNative(undefined, (_, token) => trainer.accumulate(batch, 1, token));
  await trainer.update(1e-2);
}

/** An adapter folder as deepcode writes it, from PEFT's adapter and one step of training. */
async function trainedFolder(name: string, folder: string): Promise<Float32Array> {
  const trainer = await trainerOn(name);
  await takeStep(trainer);
  await trainer.saveAdapter(join(folder, 'adapter_model.safetensors'), 'fp32');
  const json = adapterConfigJson(adapterConfigOf(folderOf(name)), vitConfigOf(BASE).options);
  writeFileSync(join(folder, 'adapter_config.json'), JSON.stringify(json));
  const logits = await logitsOf(trainer, IMAGES, COUNT);
  trainer.dispose();
  return logits;
}

describe('LoRA against PEFT', () => {
  const inFolder = useTemporaryFolder();

  for (const name of ADAPTERS) {
    it(`merged into the base, gives PEFT's logits: ${name}`, async () => {
      const detector = await openDetector(BASE, folderOf(name));
      assertClose(await logitsOf(detector, IMAGES, COUNT), expectedLogits(name), 1e-5);
      detector.dispose();
    });

    it(`beside the base, gives PEFT's logits: ${name}`, async () => {
      const trainer = await trainerOn(name, 0.5); // dropout must not act in evaluation
      assertClose(await logitsOf(trainer, IMAGES, COUNT), expectedLogits(name), 1e-5);
      trainer.dispose();
    });

    it(`writes the tensors that PEFT writes: ${name}`, async () => {
      await trainedFolder(name, inFolder());
      const shapesIn = (path: string) =>
        [...readSafetensors(path)].map(([key, { dtype, shape }]) => `${key} ${dtype} ${shape}`).sort();
      assert.deepEqual(
        shapesIn(inFolder('adapter_model.safetensors')),
        shapesIn(join(folderOf(name), 'adapter_model.safetensors')),
      );
    });

    it(`reads its own adapter back: ${name}`, async () => {
      const logits = await trainedFolder(name, inFolder());
      assert.ok(relativeError(logits, expectedLogits(name)) > 1e-3, 'the step changed nothing');
      const detector = await openDetector(BASE, inFolder());
      assertClose(await logitsOf(detector, IMAGES, COUNT), logits, 1e-5);
      detector.dispose();
    });
  }

  it('its adapters give the same logits in Python PEFT', async function () {
    this.timeout(900_000);
    const python = pythonWith('reference_ops', 'timm', 'peft', 'safetensors');
    if (python === undefined) {
      this.test!.skipReason = 'needs a Python with timm and PEFT; name one in DEEPCODE_REFERENCE_PYTHON';
      return this.skip();
    }
    const expected: Float32Array[] = [];
    for (const name of ADAPTERS) {
      mkdirSync(inFolder(name));
      expected.push(await trainedFolder(name, inFolder(name)));
    }
    const args = [join(__dirname, 'peft_logits.py'), BASE, IMAGES_FILE, ...ADAPTERS.map((name) => inFolder(name))];
    const logits = JSON.parse(execFileSync(python, args, { encoding: 'utf8' })) as number[][];
    expected.forEach((row, i) => assertClose(row, logits[i]!, 1e-5));
  });

  it('a merged model gives the logits of base and adapter', async () => {
    const trainer = await trainerOn('patterns');
    await trainer.saveModel(inFolder('model.safetensors'), 'fp32');
    trainer.dispose();
    copyFileSync(join(BASE, 'config.json'), inFolder('config.json'));
    const detector = await openDetector(inFolder());
    assertClose(await logitsOf(detector, IMAGES, COUNT), expectedLogits('patterns'), 1e-5);
    detector.dispose();
  });

  it("an adapter's saved heads replace the base's, whatever their classes there", async () => {
    const base = join(__dirname, '..', 'vit', 'distilled'); // 5 classes
    const { options } = vitConfigOf(base, 2);
    const config = { peft_type: 'LORA', r: 2, lora_alpha: 4, target_modules: ['qkv'], modules_to_save: ['head', 'head_dist'] };
    const adapter = resolveAdapter(parseAdapterConfig(config, 'adapter_config.json'), options, 'adapter_config.json');
    const trainer = await openTrainer(base, { vit: options, newHead: true, adapter, trainable: 'adapter' });
    await takeStep(trainer);
    await trainer.saveAdapter(inFolder('adapter_model.safetensors'), 'fp32');
    writeFileSync(inFolder('adapter_config.json'), JSON.stringify(config));
    const detector = await openDetector({ base, device: 'cpu', dtype: 'fp32', numClasses: 2 }, inFolder());
    assertClose(await logitsOf(detector, IMAGES, COUNT), await logitsOf(trainer, IMAGES, COUNT), 1e-5);
    for (const network of [trainer, detector]) network.dispose();
  });

  it('dropout acts in training', async () => {
    const lossesOf = async (dropout: number): Promise<number[]> => {
      const trainer = await trainerOn('qkv', dropout);
      const batch = { images: IMAGES, labels: Uint8Array.of(0, 1, 1), groups: null };
      const losses: number[] = [];
      for (let i = 0; i < 2; i++) {
        const { loss } = await callNative(undefined, (_, token) => trainer.accumulate(batch, 1, token));
        losses.push(loss);
      }
      trainer.dispose();
      return losses;
    };
    const [first, second] = await lossesOf(0.5);
    assert.notEqual(first, second);
    assert.deepEqual(await lossesOf(0.5), [first, second], 'the seed does not fix the masks');
    const [plain, again] = await lossesOf(0);
    assert.equal(plain, again);
  });

  it('refuses settings that would change the numbers', () => {
    const config = { peft_type: 'LORA', r: 4, lora_alpha: 8, target_modules: ['qkv'] };
    for (const change of [{ use_dora: true }, { bias: 'all' }, { fan_in_fan_out: true }, { init_lora_weights: 'pissa' }]) {
      assert.throws(() => parseAdapterConfig({ ...config, ...change }, 'adapter_config.json'), { code: 'ERR_CONFIG' });
    }
    assert.equal(parseAdapterConfig({ ...config, a_field_of_the_future: [1] }, 'adapter_config.json').rank, 4);
  });

  it('names the weights that an adapter lacks', async () => {
    const adapter = { ...adapterOptionsOf(BASE, folderOf('regex')), weights: join(folderOf('qkv'), 'adapter_model.safetensors') };
    const opened = openTrainer(BASE, { adapter, adapterWeights: adapter.weights, trainable: 'adapter' });
    await assert.rejects(opened, { code: 'ERR_WEIGHTS_MISSING', message: /mlp\.fc1\.lora_A/ });
  });
});
