import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import sharp from 'sharp';
import { Detector } from '../../ts/detect/detector.js';
import { readSafetensors, writeSafetensors } from '../../ts/weights/safetensors.js';
import type { TensorData } from '../../ts/weights/tensor-data.js';
import { writeRandomVit } from '../support/random-vit.js';
import { useTemporaryFolder } from '../support/temporary-folder.js';

/** The last value of a tensor of this many values is bad: a check that skips a tail would miss it. */
function lastIs(shape: readonly number[], dtype: 'F64' | 'F32' | 'F16' | 'BF16', bad: number): TensorData {
  const count = shape.reduce((a, b) => a * b, 1);
  const ArrayType = { F64: Float64Array, F32: Float32Array, F16: Uint16Array, BF16: Uint16Array }[dtype];
  const data = new ArrayType(count);
  data[count - 1] = bad;
  return { dtype, shape, data };
}

describe('weights of a detector', () => {
  const at = useTemporaryFolder();
  const file = (): string => at('vit', 'model.safetensors');
  beforeEach(() => void writeRandomVit(at('vit')));

  async function edit(change: (tensors: Map<string, TensorData>) => void): Promise<void> {
    const { tensors } = await readSafetensors(file());
    change(tensors);
    await writeSafetensors(file(), tensors);
  }

  async function assertRefused(code: string, message: RegExp): Promise<void> {
    await assert.rejects(Detector.load(at('vit')), (error: Error & { code: string }) => {
      assert.equal(error.code, code, error.message);
      assert.match(error.message, message);
      return error.message.length <= 300;
    });
    writeRandomVit(at('vit'));
    (await Detector.load(at('vit'))).dispose();
  }

  const bad: [string, Parameters<typeof lastIs>[1], number][] = [
    ['NaN in F32', 'F32', NaN],
    ['Inf in F32', 'F32', -Infinity],
    ['NaN in F64', 'F64', NaN],
    ['a value over the range of F32 in F64', 'F64', 1e300],
    ['Inf in F16', 'F16', 0xfc00],
    ['NaN in F16', 'F16', 0x7c01],
    ['NaN in BF16', 'BF16', 0x7f81],
  ];
  for (const [name, dtype, value] of bad) {
    it(`names a tensor with ${name}`, async () => {
      const target = 'blocks.1.mlp.fc1.weight';
      await edit((tensors) => tensors.set(target, lastIs(tensors.get(target)!.shape, dtype, value)));
      await assertRefused('ERR_WEIGHTS_NONFINITE', /blocks\.1\.mlp\.fc1\.weight.*model\.safetensors/);
    });
  }

  it('lists missing tensors', async () => {
    await edit((tensors) => {
      for (const name of [...tensors.keys()]) if (name.startsWith('blocks.0.')) tensors.delete(name);
    });
    await assertRefused('ERR_WEIGHTS_MISSING', /model\.safetensors lacks blocks\.0\.attn\.proj\.bias, .* and \d+ more/);
  });

  it('lists unexpected tensors', async () => {
    await edit((tensors) => tensors.set('blocks.7.norm1.bias', tensors.get('norm.bias')!));
    await assertRefused('ERR_WEIGHTS_UNEXPECTED', /holds blocks\.7\.norm1\.bias, which the model does not have/);
  });

  it('tells a wrong shape with what was expected', async () => {
    await edit((tensors) => tensors.set('norm.bias', lastIs([33], 'F32', 0)));
    await assertRefused('ERR_WEIGHTS_SHAPE', /Expected \[32\] for norm\.bias but received \[33\]/);
  });

  it('loads from shards what it loads from one file', async () => {
    const { tensors } = await readSafetensors(file());
    const names = [...tensors.keys()];
    const shards = [names.filter((_, i) => i % 2 === 0), names.filter((_, i) => i % 2 === 1)];
    const weightMap: Record<string, string> = {};
    for (const [i, shard] of shards.entries()) {
      const name = `model-${i + 1}.safetensors`;
      await writeSafetensors(at('vit', name), shard.map((key) => [key, tensors.get(key)!]));
      for (const key of shard) weightMap[key] = name;
    }
    const raw = { width: 64, height: 64, channels: 3 } as const;
    const image = await sharp(new Uint8Array(64 * 64 * 3).map((_, i) => i % 251), { raw }).png().toBuffer();
    const score = async (): Promise<unknown> => {
      using detector = await Detector.load(at('vit'), { dtype: 'fp32' });
      return (await detector.detect(image)).logits;
    };
    const whole = await score();
    renameSync(file(), at('elsewhere'));
    writeFileSync(at('vit', 'model.safetensors.index.json'), JSON.stringify({ weight_map: weightMap }));
    assert.deepEqual(await score(), whole);
  });
});
