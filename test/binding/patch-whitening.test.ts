import assert from 'node:assert/strict';
import { join } from 'node:path';
import { callNative } from '../../ts/native.js';
import type { NativeTrainer, NativeTrainerSpec } from '../../ts/native/trainer.js';
import { openTrainer } from '../support/parity-network.js';
import { floatsOf, readSafetensors } from '../support/read-safetensors.js';
import { useTemporaryFolder } from '../support/temporary-folder.js';

const PARITY = join(__dirname, '..', 'parity');
const BASE = join(PARITY, 'lora', 'base');
const [SIDE, PATCH, DIM] = [32, 8, 32];
const LENGTH = 3 * PATCH * PATCH;
const NOISE = 0.02;

/** Every patch, normalised, channel by channel, as the network's convolution reads it. */
function patchesOf(images: Uint8Array, count: number): number[][] {
  const patches: number[][] = [];
  for (let image = 0; image < count; image++) {
    for (let y = 0; y < SIDE; y += PATCH) {
      for (let x = 0; x < SIDE; x += PATCH) {
        const patch = Array.from({ length: LENGTH }, (_, i) => {
          const [channel, row, column] = [Math.floor(i / PATCH ** 2), Math.floor(i / PATCH) % PATCH, i % PATCH];
          return images[((image * SIDE + y + row) * SIDE + x + column) * 3 + channel]! / 127.5 - 1;
        });
        patches.push(patch);
      }
    }
  }
  return patches;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('NativeTrainer#whitenPatches', () => {
  const inFolder = useTemporaryFolder();
  const { data: images } = readSafetensors(join(PARITY, 'train_curve', 'batches.safetensors')).get('images')!;
  const count = images.length / (3 * SIDE * SIDE);
  const opened: NativeTrainer[] = [];

  async function whitened(changes: Partial<NativeTrainerSpec> = {}, name = 'model.safetensors') {
    const trainer = await openTrainer(BASE, { weights: null, ...changes });
    opened.push(trainer);
    await callNative(undefined, (_, token) => trainer.whitenPatches(images, count, token));
    await trainer.saveModel(inFolder(name), 'fp32');
    return readSafetensors(inFolder(name));
  }

  afterEach(() => opened.splice(0).forEach((trainer) => trainer.dispose()));

  it('makes the projected patches uncorrelated, with mean 0 and variance e / (e + noise^2)', async () => {
    const tensors = await whitened();
    const weight = floatsOf(tensors, 'patch_embed.proj.weight');
    const bias = floatsOf(tensors, 'patch_embed.proj.bias');
    const patches = patchesOf(images, count);
    const columns = Array.from({ length: DIM }, (_, k) =>
      patches.map((patch) => patch.reduce((sum, value, i) => sum + value * weight[k * LENGTH + i]!, bias[k]!)),
    );
    columns.forEach((column) => assert.ok(Math.abs(mean(column)) < 1e-3));
    for (let a = 0; a < DIM; a++) {
      // A row's length is 1 / sqrt(e + noise^2).
      const row = weight.slice(a * LENGTH, (a + 1) * LENGTH);
      const total = 1 / row.reduce((sum, value) => sum + value * value, 0);
      const expected = (total - NOISE ** 2) / total;
      for (let b = 0; b <= a; b++) {
        const products = patches.map((_, i) => columns[a]![i]! * columns[b]![i]!);
        const covariance = (mean(products) * patches.length) / (patches.length - 1);
        assert.ok(Math.abs(covariance - (a === b ? expected : 0)) < 2e-3, `${a}, ${b}: ${covariance}`);
      }
    }
  });

  it('leaves every other weight at its random start, and is the same each time', async () => {
    const plain = await openTrainer(BASE, { weights: null });
    opened.push(plain);
    await plain.saveModel(inFolder('plain.safetensors'), 'fp32');
    const before = readSafetensors(inFolder('plain.safetensors'));
    const [first, second] = [await whitened(), await whitened({}, 'again.safetensors')];
    for (const [name, tensor] of first) {
      assert.deepEqual(tensor.data, second.get(name)!.data);
      const same = Buffer.from(tensor.data).equals(Buffer.from(before.get(name)!.data));
      assert.equal(same, !name.startsWith('patch_embed.'), name);
    }
  });

  it('is refused where the patch embedding is not trained', async () => {
    await assert.rejects(whitened({ trainable: 'head' }), { code: 'ERR_CONFIG' });
  });
});
