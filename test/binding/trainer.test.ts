import assert from 'node:assert/strict';
import { join } from 'node:path';
import { parseVitConfig } from '../../ts/detect/vit-config.js';
import { resolveAdapter, parseAdapterConfig } from '../../ts/detect/adapter-config.js';
import { callNative } from '../../ts/native.js';
import type { NativeTrainer, NativeTrainerSpec } from '../../ts/native/trainer.js';
import { assertClose, relativeError } from '../support/closeness.js';
import { logitsOf, openTrainer, PLAIN_ADAM, PLAIN_LOSS, vitConfigOf } from '../support/parity-network.js';
import { floatsOf, readSafetensors } from '../support/read-safetensors.js';
import { useTemporaryFolder } from '../support/temporary-folder.js';

const PARITY = join(__dirname, '..', 'parity');
const BASE = join(PARITY, 'lora', 'base');
const BASE_WEIGHTS = readSafetensors(join(BASE, 'model.safetensors'));
const STORED = readSafetensors(join(PARITY, 'train_curve', 'batches.safetensors'));
const IMAGE_BYTES = 32 * 32 * 3;
const LORA_CONFIG = { peft_type: 'LORA', r: 16, lora_alpha: 32, target_modules: ['qkv'] };

function batchOf(labels: number[]) {
  return { images: STORED.get('images')!.data.subarray(0, labels.length * IMAGE_BYTES), labels: Uint8Array.from(labels), groups: null };
}

const BATCH = batchOf([0, 1, 1, 0, 1, 1]);

function accumulate(trainer: NativeTrainer, batch = BATCH, weight = 1) {
  return callNative(undefined, (_, token) => trainer.accumulate(batch, weight, token));
}

const logitsOn = (trainer: NativeTrainer) => logitsOf(trainer, BATCH.images, BATCH.labels.length);

/** Cross-entropy of each sample, from its logits. */
function crossEntropies(logits: Float32Array, labels: Uint8Array): number[] {
  return [...labels].map((label, i) => {
    const [a, b] = [logits[2 * i]!, logits[2 * i + 1]!];
    return Math.log(Math.exp(a) + Math.exp(b)) - (label === 0 ? a : b);
  });
}

const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('NativeTrainer', () => {
  const inFolder = useTemporaryFolder();
  const opened: NativeTrainer[] = [];
  const open = async (changes: Partial<NativeTrainerSpec> = {}): Promise<NativeTrainer> => {
    const trainer = await openTrainer(BASE, changes);
    opened.push(trainer);
    return trainer;
  };

  afterEach(() => opened.splice(0).forEach((trainer) => trainer.dispose()));

  describe('#parameterCount', () => {
    it('of LoRA r = 16 on qkv of vit_base_patch16_224 is 87,157,480 with 589,824 trained', async function () {
      this.timeout(300_000);
      const { options } = parseVitConfig({ architecture: 'vit_base_patch16_224', num_classes: 1000 }, 'config.json');
      const adapter = resolveAdapter(parseAdapterConfig(LORA_CONFIG, 'adapter_config.json'), options, 'adapter_config.json');
      const trainer = await open({ vit: options, weights: null, adapter, trainable: 'adapter', freezeHead: true });
      assert.deepEqual(trainer.parameterCount, { total: 86_567_656 + 589_824, trained: 589_824 });
      assert.equal(trainer.parameterCount.total, 87_157_480);
    });

    it('counts the centre among the trained', async () => {
      const plain = await open();
      const scl = await open({ loss: { ...PLAIN_LOSS, sclWeight: 1 } });
      assert.equal(plain.parameterCount.trained, plain.parameterCount.total);
      assert.equal(scl.parameterCount.trained, plain.parameterCount.trained + 32);
    });
  });

  describe('#accumulate', () => {
    it('weighs the cross-entropy of each class', async () => {
      const trainer = await open({ loss: { ...PLAIN_LOSS, classWeights: [3, 0.5] } });
      const { ce, loss, scl, logits } = await accumulate(trainer);
      const weighted = crossEntropies(logits, BATCH.labels).map((value, i) => value * (BATCH.labels[i] === 0 ? 3 : 0.5));
      assert.ok(Math.abs(ce - mean(weighted)) < 1e-5);
      assert.equal(loss, ce);
      assert.equal(scl, 0);
    });

    it('smooths the labels over both classes', async () => {
      const trainer = await open({ loss: { ...PLAIN_LOSS, labelSmoothing: 0.2 } });
      const { ce, logits } = await accumulate(trainer);
      const other = crossEntropies(logits, BATCH.labels.map((label) => 1 - label));
      const smoothed = crossEntropies(logits, BATCH.labels).map((value, i) => 0.9 * value + 0.1 * other[i]!);
      assert.ok(Math.abs(ce - mean(smoothed)) < 1e-5);
    });

    it('scores by the mean over an image and its mirror image when it shall, in evaluation alone', async () => {
      const averaged = await open({ flipAverage: true });
      const plain = await open();
      assert.deepEqual((await accumulate(averaged)).logits, (await accumulate(plain)).logits);
      const mirrored = BATCH.images.map((_, i, all) => {
        const [channel, pixel] = [i % 3, Math.floor(i / 3)];
        const column = pixel % 32;
        return all[3 * (pixel - column + 31 - column) + channel]!;
      });
      const [own, other] = [await logitsOn(plain), await logitsOf(plain, mirrored, BATCH.labels.length)];
      assertClose(await logitsOn(averaged), own.map((value, i) => (value + other[i]!) / 2), 1e-5);
      assert.ok(relativeError(own, other) > 1e-4, 'mirroring matters');
    });

    describe('with mixed images', () => {
      /** The largest difference of a batch's losses or logits from another's. */
      const distance = (a: Float32Array, b: Float32Array): number => Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));
      const sameImages = { ...BATCH, images: Uint8Array.from(BATCH.images, (_, i) => BATCH.images[i % IMAGE_BYTES]!) };

      it('changes no pixel of images that are all the same, and shares their labels out', async () => {
        const [plain, mixed] = [await open(), await open({ cutMix: 1 })];
        const [before, after] = [await accumulate(plain, sameImages), await accumulate(mixed, sameImages)];
        assert.ok(distance(before.logits, after.logits) < 1e-6);
        // A permutation of the labels leaves their mean cross-entropy.
        assert.ok(Math.abs(before.ce - after.ce) < 1e-5);
      });

      it('weighs both labels of an image by their share of it', async () => {
        const trainer = await open({ cutMix: 1 });
        const { logits, ce } = await accumulate(trainer);
        const [real, fake] = [0, 1].map((label) => crossEntropies(logits, BATCH.labels.map(() => label)));
        const own = crossEntropies(logits, BATCH.labels);
        assert.ok(Math.abs(ce - mean(own)) > 1e-6, 'the labels were mixed');
        const [least, most] = [mean(real!.map((r, i) => Math.min(r, fake![i]!))), mean(real!.map((r, i) => Math.max(r, fake![i]!)))];
        assert.ok(ce > least && ce < most);
      });

      it('mixes the given share of the batches, each in its own way, and the same with the same seed', async () => {
        const plain = (await accumulate(await open())).logits;
        const [first, second] = [await open({ cutMix: 0.5 }), await open({ cutMix: 0.5 })];
        const differences: number[] = [];
        for (let i = 0; i < 64; i++) {
          const { logits } = await accumulate(first);
          assert.deepEqual(logits, (await accumulate(second)).logits);
          differences.push(distance(plain, logits));
        }
        const mixed = differences.filter((value) => value > 1e-6);
        assert.ok(mixed.length > 16 && mixed.length < 48, `${mixed.length} of 64`);
        assert.equal(new Set(mixed).size, mixed.length);
      });

      it('mixes both passes of a sharpness-aware step alike', async () => {
        const optimizer = { ...PLAIN_ADAM, samRho: 1e-9 };
        const trainer = await open({ cutMix: 1, optimizer });
        const first = (await accumulate(trainer)).logits;
        await callNative(undefined, () => trainer.climb());
        const second = (await accumulate(trainer)).logits;
        await trainer.update(0);
        const next = (await accumulate(trainer)).logits;
        assert.ok(distance(first, second) < 1e-5 && distance(first, next) > 1e-5);
      });
    });

    it('adds Single-Center Loss with its weight', async () => {
      const trainer = await open({ loss: { ...PLAIN_LOSS, sclWeight: 0.25, sclMargin: 1 } });
      const { ce, scl, loss } = await accumulate(trainer);
      assert.ok(scl > 0);
      assert.ok(Math.abs(loss - (ce + 0.25 * scl)) < 1e-5);
    });

    for (const label of [0, 1]) {
      it(`stays finite on a batch of ${label === 0 ? 'real' : 'fake'} images only, over several steps`, async () => {
        const trainer = await open({ loss: { ...PLAIN_LOSS, sclWeight: 1, sclMargin: 1 } });
        for (let i = 0; i < 3; i++) {
          const { loss } = await accumulate(trainer, batchOf([label, label, label]));
          const { gradNorm } = await trainer.update(1e-3);
          assert.ok(Number.isFinite(loss) && Number.isFinite(gradNorm));
        }
        assert.ok((await logitsOn(trainer)).every(Number.isFinite));
      });
    }

    it('refuses a label that is no class', async () => {
      await assert.rejects(accumulate(await open(), batchOf([0, 2])), { code: 'ERR_SHAPE' });
    });

    it('drops the gradients of a step that failed', async () => {
      const [trainer, untouched] = [await open(), await open()];
      await accumulate(trainer, batchOf([1, 1, 0]));
      await assert.rejects(accumulate(trainer, batchOf([0, 2])), { code: 'ERR_SHAPE' });
      for (const each of [trainer, untouched]) {
        await accumulate(each);
        await each.update(1e-3);
      }
      assert.deepEqual(await logitsOn(trainer), await logitsOn(untouched));
    });

    it('rejects with AbortError when it is cancelled', async () => {
      const trainer = await open();
      const cancelled = callNative(undefined, (_, token) => {
        token.cancel();
        return trainer.accumulate(BATCH, 1, token);
      });
      await assert.rejects(cancelled, { code: 'ABORT_ERR' });
    });
  });

  describe('#update', () => {
    it('refuses gradients that are not finite, and changes nothing', async () => {
      const trainer = await open();
      const before = await logitsOn(trainer);
      await accumulate(trainer, BATCH, Number.POSITIVE_INFINITY);
      await assert.rejects(trainer.update(1e-3), { code: 'ERR_NONFINITE', message: /step 1 / });
      assert.deepEqual(await logitsOn(trainer), before);
      await accumulate(trainer);
      assert.ok((await trainer.update(1e-3)).gradNorm > 0);
    });

    it('names the step whose loss is not finite', async () => {
      const trainer = await open({ optimizer: { ...PLAIN_ADAM, name: 'sgd' } });
      await accumulate(trainer);
      await trainer.update(1e30);
      await assert.rejects(accumulate(trainer), { code: 'ERR_NONFINITE', message: /step 2 / });
    });

    it('trains the head only, where asked to', async () => {
      const trainer = await open({ trainable: 'head' });
      await accumulate(trainer);
      await trainer.update(0.1);
      await trainer.saveModel(inFolder('model.safetensors'), 'fp32');
      for (const [name, tensor] of readSafetensors(inFolder('model.safetensors'))) {
        const same = Buffer.from(tensor.data).equals(Buffer.from(BASE_WEIGHTS.get(name)!.data));
        assert.equal(same, !name.startsWith('head.'), name);
      }
    });

    it('leaves a frozen head alone', async () => {
      const trainer = await open({ freezeHead: true });
      await accumulate(trainer);
      await trainer.update(0.1);
      await trainer.saveModel(inFolder('model.safetensors'), 'fp32');
      const saved = readSafetensors(inFolder('model.safetensors'));
      assert.deepEqual(saved.get('head.weight'), BASE_WEIGHTS.get('head.weight'));
      assert.notDeepEqual(saved.get('norm.weight'), BASE_WEIGHTS.get('norm.weight'));
    });
  });

  describe('#saveModel', () => {
    it('gives the stored weights back, in any dtype', async () => {
      const trainer = await open();
      await trainer.saveModel(inFolder('model.safetensors'), 'fp32');
      assert.deepEqual(readSafetensors(inFolder('model.safetensors')), BASE_WEIGHTS);
      await trainer.saveModel(inFolder('half.safetensors'), 'fp16');
      const half = readSafetensors(inFolder('half.safetensors'));
      assert.ok([...half.values()].every(({ dtype }) => dtype === 'F16'));
      assert.deepEqual([...half.keys()].sort(), [...BASE_WEIGHTS.keys()].sort());
    });
  });

  it('gives the same run from the same seed, bit for bit, where several threads work', async function () {
    this.timeout(300_000);
    const config = { architecture: 'vit_tiny_patch16_224', num_classes: 2, model_args: { depth: 2 } };
    const { options } = parseVitConfig(config, 'config.json');
    const lora = { ...parseAdapterConfig(LORA_CONFIG, 'adapter_config.json'), dropout: 0.1 };
    const adapter = resolveAdapter(lora, options, 'adapter_config.json');
    const images = Uint8Array.from({ length: 4 * 224 * 224 * 3 }, (_, i) => (i * 2654435761) >>> 24);
    const run = async () => {
      const loss = { ...PLAIN_LOSS, sclWeight: 0.5, sclMargin: 1 };
      const trainer = await open({ vit: options, weights: null, adapter, trainable: 'all', dropPath: 0.1, loss, seed: 8 });
      const losses: number[] = [];
      for (let i = 0; i < 2; i++) {
        losses.push((await accumulate(trainer, { images, labels: Uint8Array.of(0, 1, 0, 1), groups: null })).loss);
        losses.push((await trainer.update(1e-3)).gradNorm);
      }
      return losses;
    };
    assert.deepEqual(await run(), await run());
  });

  it('draws the same weights from the same seed, and others from another', async () => {
    const { options } = vitConfigOf(BASE);
    const drawn = async (seed: number, name: string) => {
      const trainer = await open({ vit: options, weights: null, seed });
      await trainer.saveModel(inFolder(name), 'fp32');
      return readSafetensors(inFolder(name));
    };
    const first = await drawn(5, 'first');
    assert.deepEqual(await drawn(5, 'second'), first);
    assert.notDeepEqual(await drawn(6, 'third'), first);
  });

  it('draws weights as timm does: normal 0.02 for linear layers, 0 for their biases, 1e-6 for the class token', async () => {
    const { options } = vitConfigOf(BASE);
    const trainer = await open({ vit: options, weights: null, seed: 3 });
    await trainer.saveModel(inFolder('model.safetensors'), 'fp32');
    const saved = readSafetensors(inFolder('model.safetensors'));
    const deviation = (name: string): number => Math.sqrt(mean([...floatsOf(saved, name)].map((value) => value ** 2)));
    assert.ok(Math.abs(deviation('blocks.0.mlp.fc1.weight') - 0.02) < 1e-3);
    assert.equal(deviation('blocks.0.mlp.fc1.bias'), 0);
    assert.ok(deviation('cls_token') < 3e-6 && deviation('cls_token') > 1e-7);
    assert.ok(Math.max(...floatsOf(saved, 'patch_embed.proj.weight')) <= 1 / Math.sqrt(192));
  });

  it('has a new head where asked to, the same one for a seed', async () => {
    const headOf = async (changes: Partial<NativeTrainerSpec>) => {
      const trainer = await open(changes);
      await trainer.saveModel(inFolder('model.safetensors'), 'fp32');
      return readSafetensors(inFolder('model.safetensors')).get('head.weight');
    };
    const drawn = await headOf({ newHead: true, seed: 4 });
    assert.notDeepEqual(drawn, BASE_WEIGHTS.get('head.weight'));
    assert.deepEqual(await headOf({ newHead: true, seed: 4 }), drawn);
  });

  it('computes in bf16 by autocast, and keeps the parameters in fp32', async () => {
    const [full, mixed] = [await open(), await open({ dtype: 'bf16' })];
    const error = relativeError(await logitsOn(mixed), await logitsOn(full));
    assert.ok(error > 1e-6 && error < 0.05, `relative error ${error}`);
    const losses = [await accumulate(full), await accumulate(mixed)].map(({ loss }) => loss);
    assertClose([losses[1]!], [losses[0]!], 0.05);
    await mixed.update(1e-3);
    await mixed.saveModel(inFolder('model.safetensors'), 'fp32');
    const weights = floatsOf(readSafetensors(inFolder('model.safetensors')), 'blocks.0.attn.qkv.weight');
    const bits = new Uint32Array(weights.buffer);
    assert.ok(bits.some((word) => (word & 0xffff) !== 0), 'the weights were rounded to bf16');
  });
});
