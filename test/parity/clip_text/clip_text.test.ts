import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseClipTextConfig } from '../../../ts/generate/config/clip-config.js';
import { callNative } from '../../../ts/native.js';
import type { NativeClipText, NativeClipTextOptions } from '../../../ts/native/clip.js';
import { assertClose, relativeError } from '../../support/closeness.js';
import { floatsOf, readSafetensors } from '../../support/read-safetensors.js';

const CASES = ['quick-gelu', 'gelu'] as const;

function readOptions(name: string): NativeClipTextOptions {
  return parseClipTextConfig(JSON.parse(readFileSync(join(__dirname, name, 'config.json'), 'utf8')), 'config.json');
}

function load(name: string, dtype: 'fp32' | 'bf16' = 'fp32', options = readOptions(name)): Promise<NativeClipText> {
  const spec = { clipText: options, weights: join(__dirname, name, 'model.safetensors'), device: 'cpu', dtype };
  return callNative(undefined, (addon, token) => addon.clipTextLoad(spec, token));
}

function expectedOf(name: string) {
  const tensors = readSafetensors(join(__dirname, name, 'expected.safetensors'));
  const ids = tensors.get('ids')!;
  const { buffer, byteOffset, byteLength } = ids.data;
  return {
    ids: new Int32Array(buffer.slice(byteOffset, byteOffset + byteLength)),
    count: ids.shape[0]!,
    hidden: (skipped: number) => floatsOf(tensors, `hidden.${skipped}`),
    pooled: floatsOf(tensors, 'pooled'),
  };
}

const forward = (model: NativeClipText, ids: Int32Array, count: number, skipped = 0) =>
  callNative(undefined, (_, token) => model.forward(ids, count, skipped, token));

describe("CLIP's text encoder against transformers", () => {
  for (const name of CASES) {
    it(`gives the hidden states and the pooled output: ${name}`, async () => {
      const { ids, count, hidden, pooled } = expectedOf(name);
      const model = await load(name);
      const output = await forward(model, ids, count);
      assertClose(output.lastHidden, hidden(0), 1e-5);
      assertClose(output.pooled, pooled, 1e-5);
      model.dispose();
    });

    it(`leaves out the last layers as diffusers' clip_skip does: ${name}`, async () => {
      const { ids, count, hidden } = expectedOf(name);
      const model = await load(name);
      for (let skipped = 1; skipped < readOptions(name).numHiddenLayers; skipped++) {
        const { lastHidden } = await forward(model, ids, count, skipped);
        assertClose(lastHidden, hidden(skipped), 1e-5);
        assert.ok(relativeError(lastHidden, hidden(0)) > 0.01);
      }
      model.dispose();
    });
  }

  it('reads shorter sequences, of which no token sees a later one', async () => {
    const { ids, count, hidden } = expectedOf('gelu');
    const length = ids.length / count;
    const width = readOptions('gelu').hiddenSize;
    const model = await load('gelu');
    const row = ids.subarray((count - 1) * length); // without padding
    const { lastHidden } = await forward(model, row.slice(0, 5), 1);
    const whole = hidden(0).subarray((count - 1) * length * width);
    assertClose(lastHidden, whole.subarray(0, 5 * width), 1e-5);
    model.dispose();
  });

  it('is near to fp32 in bf16, and not equal', async () => {
    const { ids, count, hidden } = expectedOf('gelu');
    const model = await load('gelu', 'bf16');
    const error = relativeError((await forward(model, ids, count)).lastHidden, hidden(0));
    assert.ok(error > 1e-5 && error < 0.05, `relative error ${error}`);
    model.dispose();
  });
});

describe('NativeClipText', () => {
  it('refuses ids, lengths and layers that it does not have', async () => {
    const model = await load('gelu');
    const { vocabSize, maxPositionEmbeddings, numHiddenLayers } = readOptions('gelu');
    const code = { code: 'ERR_SHAPE' };
    await assert.rejects(forward(model, Int32Array.of(1, vocabSize), 1), code);
    await assert.rejects(forward(model, Int32Array.of(1, -1), 1), code);
    await assert.rejects(forward(model, new Int32Array(maxPositionEmbeddings + 1), 1), code);
    await assert.rejects(forward(model, Int32Array.of(1, 2), 1, numHiddenLayers), code);
    await assert.rejects(forward(model, Int32Array.of(1, 2), 1, -1), code);
    await assert.rejects(forward(model, Int32Array.of(1, 2, 3), 2), RangeError);
    model.dispose();
    await assert.rejects(forward(model, Int32Array.of(1, 2), 1), { code: 'ERR_DISPOSED' });
  });

  it('names what a checkpoint of another shape lacks', async () => {
    const options = readOptions('gelu');
    await assert.rejects(load('gelu', 'fp32', { ...options, numHiddenLayers: 3 }), (error: Error) => {
      assert.equal((error as Error & { code: string }).code, 'ERR_WEIGHTS_MISSING');
      assert.match(error.message, /encoder\.layers\.2\./);
      return true;
    });
    await assert.rejects(load('gelu', 'fp32', { ...options, numHiddenLayers: 1 }), { code: 'ERR_WEIGHTS_UNEXPECTED' });
    await assert.rejects(load('gelu', 'fp32', { ...options, intermediateSize: 63 }), { code: 'ERR_WEIGHTS_SHAPE' });
  });
});
