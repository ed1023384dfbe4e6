import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { convertCheckpoint, type ConversionReport, type ConvertOptions } from '../../../ts/convert/index.js';
import { readSafetensors } from '../../../ts/weights/safetensors.js';
import { sharedPath } from '../../support/shared.js';
import { useTemporaryFolder } from '../../support/temporary-folder.js';

type Checksums = Record<string, [dtype: string, shape: number[], sha256: string]>;

const EXPECTED = JSON.parse(readFileSync(join(__dirname, 'expected.json'), 'utf8')) as Record<string, Checksums>;

describe('convertCheckpoint agrees with torch.load and h5py', () => {
  const at = useTemporaryFolder();

  /** Converts and compares dtype, shape and every byte of every tensor. */
  async function assertEqual(input: string, expected: Checksums, options: ConvertOptions = {}): Promise<ConversionReport> {
    const report = await convertCheckpoint(input, at('out.safetensors'), options);
    // The addon's reader: it accepts only what keeps every rule of the format.
    const { tensors, metadata } = await readSafetensors(at('out.safetensors'));
    const found: Checksums = {};
    for (const [name, { dtype, shape, data }] of tensors) {
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      found[name] = [dtype, [...shape], createHash('sha256').update(bytes).digest('hex')];
    }
    assert.deepEqual(found, expected);
    assert.deepEqual(Object.fromEntries(report.tensors.map(({ name, dtype, shape }) => [name, [dtype, shape]])),
      Object.fromEntries(Object.entries(expected).map(([name, [dtype, shape]]) => [name, [dtype, shape]]))); // prettier-ignore
    assert.deepEqual(Object.fromEntries(metadata), report.metadata);
    return report;
  }

  function without(prefix: string, checksums: Checksums): Checksums {
    return Object.fromEntries(Object.entries(checksums).map(([name, value]) => [name.replace(prefix, ''), value]));
  }

  it('on every dtype, view and shape of the zip format', async () => {
    const { format, skipped, metadata } = await assertEqual(join(__dirname, 'every-kind.pth'), EXPECTED['every-kind.pth']!);
    assert.deepEqual([format, skipped, metadata], ['pytorch', [], { format: 'pt' }]);
  });

  it('on the same in the format before PyTorch 1.6', async () => {
    const { format } = await assertEqual(join(__dirname, 'every-kind-legacy.pt'), EXPECTED['every-kind-legacy.pt']!);
    assert.equal(format, 'pytorch-legacy');
  });

  for (const name of ['training.pth', 'training-legacy.pth']) {
    it(`on the state dict of a training run (${name})`, async () => {
      const { skipped } = await assertEqual(join(__dirname, name), EXPECTED[name]!);
      assert.deepEqual([...skipped].sort(), ['arch', 'args', 'best', 'done', 'epoch', 'optimizer']);
      const options = { stripPrefix: 'module.', force: true };
      await assertEqual(join(__dirname, name), without('module.', EXPECTED[name]!), options);
    });
  }

  it('on tensors in nested lists, tuples and dictionaries', async () => {
    const { skipped } = await assertEqual(join(__dirname, 'nested.pth'), EXPECTED['nested.pth']!);
    assert.deepEqual(skipped, ['2']);
  });

  for (const dtype of ['fp32', 'fp16', 'bf16'] as const) {
    it(`on floats rounded to ${dtype}, ties and subnormals included`, async () => {
      await assertEqual(join(__dirname, 'floats.pth'), EXPECTED[`floats.pth ${dtype}`]!, { dtype });
    });
  }

  const keras = ['keras.h5', 'keras-weights.h5', 'keras-latest.h5', 'keras-gzip.h5', 'keras-big-endian.h5', 'keras-half.h5'];
  for (const name of keras) {
    it(`on ${name}, in both layouts`, async () => {
      const { format, skipped, metadata } = await assertEqual(join(__dirname, name), EXPECTED[name]!);
      assert.deepEqual(metadata, { format: 'keras', kernel_layout: 'keras' });
      assert.deepEqual([format, skipped], ['keras-hdf5', name === 'keras-weights.h5' ? [] : ['optimizer_weights']]);
      const transposed = await assertEqual(join(__dirname, name), EXPECTED[`${name} pytorch`]!, { layout: 'pytorch', force: true });
      assert.deepEqual(transposed.metadata, { format: 'pt', kernel_layout: 'pytorch' });
    });
  }

  it('on the numbered variables of Keras 3, which cannot be transposed', async () => {
    const path = join(__dirname, 'keras3.weights.h5');
    const { skipped } = await assertEqual(path, EXPECTED['keras3.weights.h5']!);
    assert.deepEqual(skipped, ['optimizer']);
    const transposed = convertCheckpoint(path, at('out.safetensors'), { layout: 'pytorch', force: true });
    await assert.rejects(transposed, { code: 'ERR_WEIGHTS_FORMAT', message: /layout keras/ });
  });

  for (const name of ['blazeface/blazefaceback.pth', 'mtcnn/pnet.pt', 'mtcnn/rnet.pt', 'mtcnn/onet.pt']) {
    it(`on the real ${name}`, async function () {
      const path = sharedPath(`models/${name}`);
      if (path === undefined) this.skip();
      await assertEqual(path, EXPECTED[`models/${name}`]!);
    });
  }

  it('on the real mini-Xception of Keras, in both layouts', async function () {
    const name = 'models/emotion/fer2013_mini_XCEPTION.102-0.66.hdf5';
    const path = sharedPath(name);
    if (path === undefined) this.skip();
    await assertEqual(path, EXPECTED[name]!);
    await assertEqual(path, EXPECTED[`${name} pytorch`]!, { layout: 'pytorch', force: true });
  });
});
